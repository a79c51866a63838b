package dev.trefoil.tests.coverage;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The table of rows and their tests.
 *
 * <p>Several JVMs run tests, one after the other or at once: each saves a file of its own, and the
 * table is made from all of them. So it is complete after {@code verify}, and a file of an earlier
 * build stays in it until {@code clean}.
 */
final class RowReport {

  private static final Comparator<String> BY_ID =
      comparing((String id) -> id.charAt(0))
          .thenComparingInt(id -> Integer.parseInt(id.substring(1)));

  private final Path runs;
  private final Path table;

  RowReport(Path directory) {
    runs = directory.resolve("rows");
    table = directory.resolve("rows.md");
  }

  /** Saves what one JVM has seen; the same run saved again replaces it. */
  void save(String run, Map<Proof, Tally> proofs) throws IOException {
    Files.createDirectories(runs);
    List<String> lines = new ArrayList<>();
    proofs.forEach(
        (proof, tally) ->
            lines.add(
                String.join(
                    "\t",
                    proof.row(),
                    proof.test(),
                    Integer.toString(tally.passed()),
                    Integer.toString(tally.failed()),
                    Integer.toString(tally.skipped()))));
    lines.sort(null);
    Files.write(runs.resolve(run + ".tsv"), lines);
  }

  /** Makes the table from everything saved so far. */
  void write() throws IOException {
    Map<String, String> operations = operations();
    Map<String, Map<String, Tally>> proved = proved();
    long provedRows = operations.keySet().stream().filter(row -> passes(proved.get(row))).count();

    List<String> lines = new ArrayList<>();
    lines.add("# Rows and the tests that prove them");
    lines.add("");
    lines.add(provedRows + " of " + operations.size() + " rows have a test that passed.");
    lines.add("");
    lines.add("| row | operation | tests |");
    lines.add("|---|---|---|");
    operations.forEach(
        (row, operation) -> {
          Map<String, Tally> tests = proved.get(row);
          if (tests != null) {
            lines.add("| " + row + " | " + operation + " | " + describe(tests) + " |");
          }
        });

    lines.add("");
    lines.add("## Rows without a test");
    lines.add("");
    operations.forEach(
        (row, operation) -> {
          if (!proved.containsKey(row)) {
            lines.add("- " + row + " " + operation);
          }
        });

    List<String> unknown =
        proved.keySet().stream().filter(row -> !operations.containsKey(row)).toList();
    if (!unknown.isEmpty()) {
      lines.add("");
      lines.add("## Tags that name no row");
      lines.add("");
      unknown.forEach(
          row -> lines.add("- " + row + ": " + describe(proved.getOrDefault(row, Map.of()))));
    }
    Files.write(table, lines);
  }

  private static boolean passes(Map<String, Tally> tests) {
    return tests != null
        && tests.values().stream().mapToInt(Tally::failed).sum() == 0
        && tests.values().stream().mapToInt(Tally::passed).sum() > 0;
  }

  private static String describe(Map<String, Tally> tests) {
    return tests.entrySet().stream()
        .map(test -> "`" + shortName(test.getKey()) + "` " + test.getValue())
        .collect(joining("<br>"));
  }

  /** {@code Class.method} of {@code package.Class.method}. */
  private static String shortName(String test) {
    int method = test.lastIndexOf('.');
    return test.substring(test.lastIndexOf('.', method - 1) + 1);
  }

  private Map<String, Map<String, Tally>> proved() throws IOException {
    Map<String, Map<String, Tally>> proved = new TreeMap<>(BY_ID);
    try (Stream<Path> files = Files.list(runs)) {
      for (Path file : files.sorted().toList()) {
        for (String line : Files.readAllLines(file)) {
          String[] cells = line.split("\t");
          Tally tally =
              new Tally(
                  Integer.parseInt(cells[2]),
                  Integer.parseInt(cells[3]),
                  Integer.parseInt(cells[4]));
          proved
              .computeIfAbsent(cells[0], _ -> new TreeMap<>())
              .merge(cells[1], tally, Tally::plus);
        }
      }
    }
    return proved;
  }

  /** Id and short name of every row, in the order of the list. */
  private static Map<String, String> operations() throws IOException {
    Map<String, String> operations = new LinkedHashMap<>();
    try (InputStream rows = RowReport.class.getResourceAsStream("/rows.tsv")) {
      if (rows == null) {
        throw new IOException("rows.tsv is not on the class path");
      }
      String text = new String(rows.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        int tab = line.indexOf('\t');
        operations.put(line.substring(0, tab), line.substring(tab + 1));
      }
    }
    return operations;
  }
}
