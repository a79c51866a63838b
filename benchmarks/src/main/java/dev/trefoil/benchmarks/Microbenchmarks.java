package dev.trefoil.benchmarks;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The jobs that JMH measures: a class is a job, and a method a contender. */
final class Microbenchmarks {
  private static final String ALLOCATION = "gc.alloc.rate.norm";

  private Microbenchmarks() {}

  static String job(String benchmark) {
    String withoutMethod = benchmark.substring(0, benchmark.lastIndexOf('.'));
    return withoutMethod.substring(withoutMethod.lastIndexOf('.') + 1);
  }

  static String contender(String benchmark) {
    return benchmark.substring(benchmark.lastIndexOf('.') + 1);
  }

  /** The contenders of each job in whose {@code job.contender} the pattern is found. */
  static SortedMap<String, List<String>> matching(String pattern) {
    SortedMap<String, List<String>> jobs = new TreeMap<>();
    for (String benchmark : benchmarks(pattern)) {
      jobs.computeIfAbsent(job(benchmark), first -> new ArrayList<>()).add(contender(benchmark));
    }
    return jobs;
  }

  private static List<String> benchmarks(String pattern) {
    Predicate<String> found = Pattern.compile(pattern).asPredicate();
    return BenchmarkList.defaultList()
        .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
        .stream()
        .map(BenchmarkListEntry::getUsername)
        .distinct()
        .filter(benchmark -> found.test(job(benchmark) + "." + contender(benchmark)))
        .sorted()
        .toList();
  }

  /** What is to be reached in a job. */
  static List<Target> targets(String job) {
    List<Target> targets = new ArrayList<>();
    try {
      for (Method method :
          Class.forName(Microbenchmarks.class.getPackageName() + "." + job).getDeclaredMethods()) {
        ToBeat toBeat = method.getAnnotation(ToBeat.class);
        if (toBeat != null) {
          targets.add(new Target(method.getName(), toBeat.ratio(), toBeat.byProcessorTime()));
        }
      }
    } catch (ClassNotFoundException impossible) {
      throw new IllegalStateException(impossible);
    }
    return targets;
  }

  static List<Measurement> measure(String pattern, Length length) throws RunnerException {
    List<Measurement> measured = new ArrayList<>();
    for (RunResult result : new Runner(options(pattern, length)).run()) {
      measured.add(measurement(result));
    }
    return measured;
  }

  private static Options options(String pattern, Length length) {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .mode(length == Length.CHECK ? Mode.SingleShotTime : Mode.AverageTime)
            .timeUnit(TimeUnit.NANOSECONDS)
            .shouldFailOnError(true)
            .jvmArgs(
                "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "-Xms1g",
                "-Xmx1g");
    for (String benchmark : benchmarks(pattern)) {
      options.include("^" + Pattern.quote(benchmark) + "$");
    }
    return switch (length) {
      case FULL ->
          options
              .addProfiler(GCProfiler.class)
              .addProfiler(ProcessorTime.class)
              .forks(1)
              .warmupIterations(4)
              .warmupTime(TimeValue.milliseconds(500))
              .measurementIterations(5)
              .measurementTime(TimeValue.milliseconds(400))
              .build();
      case SHORT ->
          options
              // A million of them takes longer to park than all the rest.
              .param("parked", "1", "1000")
              .addProfiler(GCProfiler.class)
              .addProfiler(ProcessorTime.class)
              .forks(1)
              .warmupIterations(1)
              .warmupTime(TimeValue.milliseconds(300))
              .measurementIterations(3)
              .measurementTime(TimeValue.milliseconds(100))
              .build();
      case CHECK ->
          options
              .verbosity(VerboseMode.SILENT)
              .forks(0)
              .warmupIterations(0)
              .measurementIterations(1)
              .build();
    };
  }

  private static Measurement measurement(RunResult result) {
    String name = result.getParams().getBenchmark();
    String parameters =
        result.getParams().getParamsKeys().stream()
            .map(key -> " " + key + "=" + result.getParams().getParam(key))
            .reduce("", String::concat);
    return new Measurement(
        job(name) + parameters,
        contender(name),
        Unit.NANOSECONDS,
        result.getAggregatedResult().getPrimaryResult().getStatistics().getPercentile(50),
        median(result, ProcessorTime.NAME),
        median(result, ALLOCATION));
  }

  /** The median of the iterations, since setting up and tearing down counts as part of one. */
  private static double median(RunResult result, String name) {
    double[] values =
        result.getBenchmarkResults().stream()
            .flatMap(fork -> fork.getIterationResults().stream())
            .map(iteration -> (Result<?>) iteration.getSecondaryResults().get(name))
            .filter(Objects::nonNull)
            .mapToDouble(Result::getScore)
            .toArray();
    return values.length == 0 ? Double.NaN : Medians.of(values);
  }
}
