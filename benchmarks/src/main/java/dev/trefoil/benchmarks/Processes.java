package dev.trefoil.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** JVMs of their own, with the flags and the class path of this one. */
final class Processes {
  private static final Path TASKSET = Path.of("/usr/bin/taskset");

  private Processes() {}

  /** The command that runs a class of this module. */
  static List<String> java(List<String> flags, Class<?> main, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED");
    command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.addAll(flags);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(args));
    return command;
  }

  /** Binds a command to one processor, where that is possible. */
  static List<String> pinned(int processor, List<String> command) {
    if (Runtime.getRuntime().availableProcessors() <= processor || !Files.exists(TASKSET)) {
      return command;
    }
    List<String> pinned = new ArrayList<>(List.of(TASKSET.toString(), "-c", "" + processor));
    pinned.addAll(command);
    return pinned;
  }

  static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Runs a command to its end and returns the last line that it printed. */
  static String lastLineOf(List<String> command) throws IOException, InterruptedException {
    Process process = start(command);
    process.getOutputStream().close();
    List<String> lines;
    try (var reader = process.inputReader()) {
      lines = reader.lines().toList();
    }
    int status = process.waitFor();
    if (status != 0 || lines.isEmpty()) {
      throw new IllegalStateException(
          "Expected " + command + " to print a result, got status " + status + " and " + lines);
    }
    return lines.getLast();
  }
}
