package dev.trefoil.benchmarks;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Measures what a pattern names and prints the ratios of Trefoil to each of its peers. */
public final class Measure {
  private static final String OURS = "trefoil";

  private Measure() {}

  /**
   * Measures.
   *
   * @param args {@code full} or {@code short}, and a regular expression; without one it lists what there
   *     is
   */
  public static void main(String[] args) throws RunnerException {
    String length = args.length > 0 ? args[0] : "full";
    if (!length.equals("full") && !length.equals("short")) {
      System.err.println("Expected the length 'full' or 'short', got '" + length + "'.");
      System.exit(2);
    }
    if (args.length < 2 || args[1].isEmpty()) {
      list();
      return;
    }
    Collection<RunResult> results = new Runner(options(length.equals("short"), args[1])).run();
    if (results.isEmpty()) {
      System.err.println("Nothing matches '" + args[1] + "'.");
      list();
      System.exit(2);
    }
    print(results);
  }

  private static void list() {
    System.out.println("Benchmarks, to be measured with -Dbench=PATTERN:");
    BenchmarkList.defaultList()
        .getAll(
            OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
            java.util.List.of())
        .forEach(
            entry ->
                System.out.println(
                    "  " + job(entry.getUsername()) + " " + contender(entry.getUsername())));
  }

  private static org.openjdk.jmh.runner.options.Options options(boolean isShort, String pattern) {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(pattern)
            .mode(Mode.AverageTime)
            .timeUnit(java.util.concurrent.TimeUnit.NANOSECONDS)
            .shouldFailOnError(true)
            .jvmArgs(
                "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "-Xms1g",
                "-Xmx1g");
    return isShort
        ? options
            .forks(1)
            .warmupIterations(1)
            .warmupTime(TimeValue.milliseconds(300))
            .measurementIterations(2)
            .measurementTime(TimeValue.milliseconds(300))
            .build()
        : options
            .forks(3)
            .warmupIterations(3)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(5)
            .measurementTime(TimeValue.seconds(1))
            .build();
  }

  private static void print(Collection<RunResult> results) {
    Map<String, SortedMap<String, Double>> jobs = new TreeMap<>();
    for (RunResult result : results) {
      String name = result.getParams().getBenchmark();
      String parameters =
          result.getParams().getParamsKeys().stream()
              .map(key -> " " + key + "=" + result.getParams().getParam(key))
              .reduce("", String::concat);
      double median =
          result.getAggregatedResult().getPrimaryResult().getStatistics().getPercentile(50);
      jobs.computeIfAbsent(job(name) + parameters, first -> new TreeMap<>())
          .put(contender(name), median);
    }
    System.out.printf("%n%-44s %-22s %12s %16s%n", "job", "", "ns, median", "trefoil / this");
    jobs.forEach(
        (job, contenders) ->
            contenders.forEach(
                (contender, median) ->
                    System.out.printf(
                        Locale.ROOT,
                        "%-44s %-22s %12.1f %16s%n",
                        job,
                        contender,
                        median,
                        ratio(contenders.get(OURS), contender, median))));
  }

  private static String ratio(
      @org.jspecify.annotations.Nullable Double ours, String contender, double median) {
    return ours == null || contender.equals(OURS)
        ? ""
        : String.format(Locale.ROOT, "%.2f", ours / median);
  }

  private static String job(String benchmark) {
    String withoutMethod = benchmark.substring(0, benchmark.lastIndexOf('.'));
    return withoutMethod.substring(withoutMethod.lastIndexOf('.') + 1);
  }

  private static String contender(String benchmark) {
    return benchmark.substring(benchmark.lastIndexOf('.') + 1);
  }
}
