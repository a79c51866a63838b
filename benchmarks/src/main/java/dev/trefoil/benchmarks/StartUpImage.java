package dev.trefoil.benchmarks;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** From the start to the end of a process that says hello, on the runtime that jlink has made. */
final class StartUpImage implements Job {
  private static final Path JAVA = StartUp.DISTRIBUTION.resolve("trefoil-image/bin/java");

  @Override
  public String name() {
    return "StartUpImage";
  }

  @Override
  public List<String> contenders() {
    return List.of("trefoil", "bareHelloWorld");
  }

  @Override
  public List<Target> targets() {
    return List.of(new Target("bareHelloWorld", 1.6, false));
  }

  @Override
  public List<String> obstacles() {
    return Files.exists(JAVA) ? List.of() : List.of("no " + JAVA + ": ./trefoil image makes it");
  }

  @Override
  public List<Measurement> measure(Predicate<String> wanted, Length length) throws Exception {
    return StartUp.measure(
        name(),
        Map.of("trefoil", () -> hello(Hello.class), "bareHelloWorld", () -> hello(BareHello.class)),
        wanted,
        length);
  }

  private static long hello(Class<?> main) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    String said =
        Processes.lastLineOf(List.of(JAVA.toString(), "-cp", classPath(), main.getName()));
    long end = System.nanoTime();
    if (!said.equals("Hello")) {
      throw new IllegalStateException("Expected 'Hello', got '" + said + "'.");
    }
    return end - begin;
  }

  private static String classPath() {
    try {
      return Path.of(Hello.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
