package dev.trefoil.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** All that was measured: a table to read at once, one for the documentation, and pictures. */
final class Report {
  private static final List<String> COLUMNS =
      List.of(
          "job",
          "contender",
          "median",
          "processor",
          "allocated",
          "trefoil / this",
          "portable / this");

  private final List<Comparison> comparisons = new ArrayList<>();

  Report(List<Measurement> measurements, Function<String, List<Target>> targets) {
    Map<String, Map<String, List<Measurement>>> jobs = new TreeMap<>(Report::byNumbers);
    for (Measurement measurement : measurements) {
      jobs.computeIfAbsent(measurement.job(), first -> new LinkedHashMap<>())
          .computeIfAbsent(measurement.contender(), first -> new ArrayList<>())
          .add(measurement);
    }
    jobs.forEach(
        (job, rounds) -> comparisons.add(new Comparison(job, rounds, targets.apply(name(job)))));
  }

  /** The job without its parameters. */
  private static String name(String job) {
    return job.split(" ", 2)[0];
  }

  /** By name, and with one name by the size of the parameter. */
  private static int byNumbers(String one, String other) {
    int byName = name(one).compareTo(name(other));
    int byLength = Integer.compare(one.length(), other.length());
    return byName != 0 ? byName : byLength != 0 ? byLength : one.compareTo(other);
  }

  private List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    for (Comparison comparison : comparisons) {
      for (String contender : comparison.contenders()) {
        rows.add(
            List.of(
                comparison.job,
                contender,
                comparison.figure(contender),
                comparison.processorTime(contender),
                comparison.allocated(contender),
                comparison.ratio(contender),
                comparison.portableRatio(contender)));
      }
    }
    return rows;
  }

  void print(PrintStream out) {
    String format = "%-34s %-22s %14s %14s %12s  %-36s %s%n";
    out.println();
    out.printf(Locale.ROOT, format, COLUMNS.toArray());
    String job = "";
    for (List<String> row : rows()) {
      List<Object> cells = new ArrayList<>(row);
      if (row.getFirst().equals(job)) {
        cells.set(0, "");
      }
      job = row.getFirst();
      out.printf(Locale.ROOT, format, cells.toArray());
    }
  }

  /** Writes {@code table.md} and a picture for each job. */
  void write(Path folder, List<String> circumstances) throws IOException {
    Files.createDirectories(folder);
    StringBuilder table = new StringBuilder();
    for (String line : circumstances) {
      table.append("- ").append(line).append('\n');
    }
    table
        .append('\n')
        .append(line(COLUMNS))
        .append("| --- | --- | ---: | ---: | ---: | --- | --- |\n");
    rows().forEach(row -> table.append(line(row)));
    Files.writeString(folder.resolve("table.md"), table);
    Map<String, List<Comparison>> byName = new TreeMap<>();
    for (Comparison comparison : comparisons) {
      byName.computeIfAbsent(name(comparison.job), first -> new ArrayList<>()).add(comparison);
    }
    for (Map.Entry<String, List<Comparison>> job : byName.entrySet()) {
      Files.writeString(folder.resolve(job.getKey() + ".svg"), BarChart.of(job.getValue()));
    }
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }
}
