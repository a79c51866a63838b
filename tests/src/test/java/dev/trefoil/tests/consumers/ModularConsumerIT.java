package dev.trefoil.tests.consumers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Named modules of other people, compiled with all warnings and run with just the jars that Maven
 * gives them. Their sources are in {@code src/test/consumers}.
 */
@Timeout(120)
class ModularConsumerIT {
  private static final List<String> CONTINUATION_FLAGS =
      List.of(
          "--add-exports=java.base/jdk.internal.vm=dev.trefoil.kernel",
          "--add-opens=java.base/java.lang=dev.trefoil.kernel",
          "--enable-native-access=dev.trefoil.kernel");

  private static final String CRUNCHED =
      "sum: 5050\nworker: module com.example.crunch, marked 7, management %s\n";

  @TempDir Path scratch;

  @Test
  void applicationNeedsTheTasksToCompileAndTheKernelToRun() throws Exception {
    ModulePath tasks = ModulePath.ofUserOf("tasks");
    Path compiled = compile(sources("application"), tasks);

    ModulePath all = tasks.with(ModulePath.ofUserOf("kernel")).with(compiled);
    List<String> start = List.of("-m", "com.example.shop/com.example.shop.Shop");
    assertThat(java(all, start))
        .isEqualTo("null for ada\n[java.io.IOException: no change]\nVIRTUAL_THREAD\n");
    assertThat(java(all, concat(CONTINUATION_FLAGS, start)))
        .isEqualTo("null for ada\n[java.io.IOException: no change]\nCONTINUATION\n");
  }

  @Test
  void pluginNeedsTheSpiOnly() throws Exception {
    ModulePath hazmat = ModulePath.ofUserOf("hazmat");
    Path compiled = compile(sources("plugin"), hazmat);

    ModulePath all = hazmat.with(ModulePath.ofUserOf("kernel")).with(compiled);
    assertThat(java(all, List.of("-m", "com.example.bucket/com.example.bucket.Demo")))
        .contains("'taker'");
  }

  @Test
  void testsNeedTheTestingModuleToCompileAndTheKernelToRun() throws Exception {
    ModulePath testing = ModulePath.ofUserOf("testing");
    Path compiled = compile(sources("tests"), testing);

    ModulePath all =
        testing.with(ModulePath.ofUserOf("kernel")).with(ModulePath.ofJUnit()).with(compiled);
    List<String> start =
        List.of(
            "--add-modules",
            "com.example.bell,org.junit.jupiter.engine,org.junit.platform.launcher",
            sources("RunTests.java").toString(),
            "com.example.bell");
    assertThat(java(all, concat(CONTINUATION_FLAGS, start))).isEqualTo("passed: 4\n");
  }

  /** Also without java.management, which knows the flags best, and which many images do not have. */
  @Test
  @Tag("R76")
  void workerProcessesHaveTheModulesAndFlagsOfTheApplication() throws Exception {
    ModulePath threads = ModulePath.ofUserOf("threads");
    Path compiled = compile(sources("processes"), threads);

    ModulePath all = threads.with(ModulePath.ofUserOf("kernel")).with(compiled);
    List<String> start =
        List.of("-Dmark=7", "-m", "com.example.crunch/com.example.crunch.Crunch", "100");
    assertThat(java(all, start)).isEqualTo(CRUNCHED.formatted(true));
    List<String> few = List.of("--limit-modules", "com.example.crunch,dev.trefoil.kernel");
    assertThat(java(all, concat(few, start))).isEqualTo(CRUNCHED.formatted(false));
  }

  @Test
  @Tag("R76")
  void workerProcessesOfAnImageAreStartedFromIt() throws Exception {
    ModulePath threads = ModulePath.ofUserOf("threads");
    Path compiled = compile(sources("processes"), threads);
    Path image = scratch.resolve("image");

    ModulePath all = threads.with(ModulePath.ofUserOf("kernel")).with(compiled);
    jdk(
        "jlink",
        List.of(
            "-p",
            all.toString(),
            "--add-modules=com.example.crunch,dev.trefoil.kernel",
            "--output=" + image));
    assertThat(
            output(
                image.resolve("bin").resolve("java"),
                List.of("-Dmark=7", "-m", "com.example.crunch/com.example.crunch.Crunch", "100")))
        .isEqualTo(CRUNCHED.formatted(false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hazmat", "jfr", "tasks", "testing", "threads"})
  void moduleCanBeHandedOnInTurn(String name) throws Exception {
    Path source = Files.createDirectory(scratch.resolve("source")).resolve("module-info.java");
    Files.writeString(
        source, "module com.example.face { requires transitive dev.trefoil.%s; }".formatted(name));
    compile(source, ModulePath.ofUserOf(name));
  }

  @Test
  void ofTheAnnotationsOnlyThoseOnNullAreHandedOn() throws Exception {
    assertThat(ModulePath.ofUserOf("tasks").names())
        .allMatch(name -> name.startsWith("trefoil-") || name.startsWith("jspecify-"))
        .anyMatch(name -> name.startsWith("jspecify-"));
  }

  private Path compile(Path sources, ModulePath path) throws Exception {
    Path classes = Files.createDirectory(scratch.resolve("classes"));
    List<String> arguments =
        new ArrayList<>(
            List.of("-Xlint:all", "-Werror", "-p", path.toString(), "-d", classes.toString()));
    try (Stream<Path> files = Files.walk(sources)) {
      files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(arguments::add);
    }
    assertThat(jdk("javac", arguments)).as("what javac says").isEmpty();
    return classes;
  }

  private static String java(ModulePath path, List<String> arguments) throws Exception {
    return jdk("java", concat(List.of("-p", path.toString()), arguments));
  }

  /** In a process of its own, so that it knows of no class path. */
  private static String jdk(String tool, List<String> arguments) throws Exception {
    return output(Path.of(System.getProperty("java.home"), "bin", tool), arguments);
  }

  private static String output(Path program, List<String> arguments) throws Exception {
    Process process =
        new ProcessBuilder(concat(List.of(program.toString()), arguments))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private static Path sources(String name) {
    return Path.of(System.getProperty("trefoil.root"), "tests", "src", "test", "consumers", name);
  }

  private static List<String> concat(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}
