package dev.trefoil.benchmarks;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * From the start of the Felix distribution to the prompt of its shell, beside the same distribution
 * without the bundles of Trefoil.
 */
final class StartUpDistribution implements Job {
  private static final Path OURS = StartUp.DISTRIBUTION.resolve("trefoil-felix");
  private static final String SCRIPT = "bin/trefoil";
  private static final String PROMPT = "g! ";

  @Override
  public String name() {
    return "StartUpDistribution";
  }

  @Override
  public List<String> contenders() {
    return List.of("trefoil", "felixScrGogo");
  }

  @Override
  public List<Target> targets() {
    return List.of(new Target("felixScrGogo", 1.25, false));
  }

  @Override
  public List<String> obstacles() {
    return Files.exists(OURS.resolve(SCRIPT))
        ? List.of()
        : List.of("no " + OURS + ": ./trefoil makes it");
  }

  @Override
  public List<Measurement> measure(Predicate<String> wanted, Length length) throws Exception {
    Path bare = Files.createTempDirectory("felix");
    try {
      copyWithoutTrefoil(bare);
      return StartUp.measure(
          name(),
          Map.of("trefoil", () -> prompt(OURS), "felixScrGogo", () -> prompt(bare)),
          wanted,
          length);
    } finally {
      delete(bare);
    }
  }

  private static void copyWithoutTrefoil(Path target) throws IOException {
    try (Stream<Path> files = Files.walk(OURS)) {
      for (Path file : files.toList()) {
        Path copy = target.resolve(OURS.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else if (!isOfTrefoil(file)) {
          Files.copy(file, copy, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
    Path configuration = target.resolve("conf/config.properties");
    Files.writeString(
        configuration,
        Files.readString(configuration).replaceAll("(?m)^felix\\.auto\\.start\\.6=.*$", ""));
  }

  private static boolean isOfTrefoil(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith("trefoil-") || name.startsWith("dev.trefoil") || name.equals("chat.jar");
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static long prompt(Path home) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(home.resolve(SCRIPT).toString()).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    long begin = System.nanoTime();
    Process process = builder.start();
    StringBuilder said = new StringBuilder();
    try (Reader output = process.inputReader()) {
      while (said.indexOf(PROMPT) < 0) {
        int next = output.read();
        if (next < 0) {
          throw new IllegalStateException("Expected a prompt, got '" + said + "'.");
        }
        said.append((char) next);
      }
      long end = System.nanoTime();
      try (var input = process.outputWriter()) {
        input.write("quit\n");
      }
      output.transferTo(Writer.nullWriter());
      process.waitFor();
      return end - begin;
    }
  }
}
