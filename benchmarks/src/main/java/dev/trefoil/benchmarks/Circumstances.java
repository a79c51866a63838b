package dev.trefoil.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
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
        "Commit: " + commit(),
        "Begun: " + Instant.now().truncatedTo(ChronoUnit.MINUTES));
  }

  /** Figures are of some state of the project. */
  private static String commit() {
    String name = git("rev-parse", "--short", "HEAD");
    return name.isEmpty()
        ? "unknown"
        : name + (git("status", "--porcelain").isEmpty() ? "" : ", changed since");
  }

  private static String git(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException withoutGit) {
      return "";
    }
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
