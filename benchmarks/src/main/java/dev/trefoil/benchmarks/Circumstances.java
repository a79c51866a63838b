package dev.trefoil.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** Where and when figures come from, without which they say nothing. */
final class Circumstances {
  private Circumstances() {}

  /** To be asked before anything is measured, for the load. */
  static List<String> now(String command) {
    var system = ManagementFactory.getOperatingSystemMXBean();
    return List.of(
        "Command: `" + command + "`",
        "Machine: "
            + processor()
            + ", "
            + system.getAvailableProcessors()
            + " processors, "
            + system.getName()
            + " "
            + system.getVersion(),
        "JVM: " + System.getProperty("java.vm.name") + " " + Runtime.version(),
        String.format(
            Locale.ROOT, "Load before: %.2f runnable threads", system.getSystemLoadAverage()),
        "Begun: " + Instant.now().truncatedTo(ChronoUnit.MINUTES));
  }

  private static String processor() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException notLinux) {
      // Said below.
    }
    return System.getProperty("os.arch");
  }
}
