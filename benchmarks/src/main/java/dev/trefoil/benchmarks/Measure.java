package dev.trefoil.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Measures what a pattern names and prints how Trefoil stands to each of its peers. */
public final class Measure {
  private static final List<Job> JOBS =
      List.of(new Echo(), new ParkedTask(), new StartUpDistribution(), new StartUpImage());

  private Measure() {}

  /**
   * Measures.
   *
   * @param args {@code full}, {@code short} or {@code check}, the folder to write to, and a regular
   *     expression that is looked for in {@code job.contender}; without one it checks that everything
   *     works and lists what there is
   */
  public static void main(String[] args) throws Exception {
    if (args.length < 2) {
      throw fail("Expected a length, a folder and perhaps a pattern.");
    }
    String pattern = args.length > 2 ? args[2] : "";
    Length length = pattern.isEmpty() ? Length.CHECK : length(args[0]);
    requirePattern(pattern);
    Path folder = Path.of(args[1]).toAbsolutePath();
    if (length != Length.CHECK) {
      // Before hours have been spent that could not be kept.
      Files.createDirectories(folder);
    }
    if (length == Length.CHECK) {
      System.setProperty(Size.TINY, "true");
    }
    List<Job> jobs = JOBS.stream().filter(job -> !wantedOf(job, pattern).isEmpty()).toList();
    for (Job job : jobs) {
      job.obstacles().forEach(why -> System.out.println(job.name() + " is left out: " + why));
    }
    boolean anyMicro = !Microbenchmarks.matching(pattern).isEmpty();
    boolean anything = anyMicro || !jobs.isEmpty();
    jobs = jobs.stream().filter(job -> job.obstacles().isEmpty()).toList();
    if (!anything) {
      list();
      throw fail("Nothing matches '" + pattern + "'.");
    }
    if (!anyMicro && jobs.isEmpty()) {
      throw fail("Nothing is left to measure.");
    }
    List<String> circumstances =
        Circumstances.now(
            "./mvnw verify -pl benchmarks -am -DskipTests -Dbench='"
                + pattern
                + "' -Dbench.length="
                + args[0]);
    if (length != Length.CHECK) {
      circumstances.forEach(System.out::println);
    }
    List<Measurement> measurements = new ArrayList<>();
    for (int round = 0; round < length.rounds; round++) {
      if (anyMicro) {
        measurements.addAll(Microbenchmarks.measure(pattern, length));
      }
      for (Job job : jobs) {
        List<String> wanted = wantedOf(job, pattern);
        measurements.addAll(job.measure(wanted::contains, length));
      }
    }
    if (length == Length.CHECK) {
      list();
      System.out.println(measurements.size() + " results are right; nothing was measured.");
      return;
    }
    Report report = new Report(measurements, Measure::targets);
    report.print(System.out);
    report.write(folder, circumstances);
    System.out.println();
    System.out.println("Written to " + folder);
  }

  private static Length length(String word) {
    try {
      return Length.of(word);
    } catch (IllegalArgumentException unknown) {
      throw fail(String.valueOf(unknown.getMessage()));
    }
  }

  private static void requirePattern(String pattern) {
    try {
      Pattern unused = Pattern.compile(pattern);
    } catch (PatternSyntaxException wrong) {
      throw fail("Expected a regular expression in -Dbench. " + wrong.getMessage());
    }
  }

  private static List<String> wantedOf(Job job, String pattern) {
    Predicate<String> found = Pattern.compile(pattern).asPredicate();
    return job.contenders().stream()
        .filter(contender -> found.test(job.name() + "." + contender))
        .toList();
  }

  private static List<Target> targets(String name) {
    return JOBS.stream()
        .filter(job -> job.name().equals(name))
        .findFirst()
        .map(Job::targets)
        .orElseGet(() -> Microbenchmarks.targets(name));
  }

  private static void list() {
    System.out.println("What can be measured, with -Dbench=PATTERN, a pattern of job.contender:");
    Microbenchmarks.matching("")
        .forEach((job, contenders) -> System.out.println("  " + job + " " + contenders));
    JOBS.forEach(job -> System.out.println("  " + job.name() + " " + job.contenders()));
  }

  private static AssertionError fail(String why) {
    System.err.println(why);
    System.exit(2);
    return new AssertionError("has ended");
  }
}
