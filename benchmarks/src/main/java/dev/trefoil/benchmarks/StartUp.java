package dev.trefoil.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Times whole processes, in turn, so that what else the machine does falls on all alike. */
final class StartUp {
  /** The folder that the distribution is built in. */
  static final Path DISTRIBUTION = Path.of(System.getProperty("trefoil.distribution", "."));

  private StartUp() {}

  /** Starts a process, waits for the sign that it is there, and ends it. */
  interface Program {
    /** Returns the nanoseconds until the sign. */
    long time() throws IOException, InterruptedException;
  }

  static List<Measurement> measure(
      String job, Map<String, Program> programs, Predicate<String> wanted, Length length)
      throws IOException, InterruptedException {
    int times =
        switch (length) {
          case FULL -> 20;
          case SHORT -> 5;
          case CHECK -> 1;
        };
    SortedMap<String, Program> chosen = new TreeMap<>(programs);
    chosen.keySet().removeIf(wanted.negate());
    if (length != Length.CHECK) {
      for (Program program : chosen.values()) {
        program.time();
      }
    }
    Map<String, List<Long>> nanos = new TreeMap<>();
    for (int time = 0; time < times; time++) {
      for (Map.Entry<String, Program> contender : chosen.entrySet()) {
        nanos
            .computeIfAbsent(contender.getKey(), first -> new ArrayList<>())
            .add(contender.getValue().time());
      }
    }
    List<Measurement> medians = new ArrayList<>();
    nanos.forEach(
        (contender, all) -> {
          double median = Medians.of(all.stream().mapToDouble(Long::doubleValue).toArray()) / 1e6;
          medians.add(new Measurement(job, contender, Unit.MILLISECONDS, median));
        });
    return medians;
  }
}
