package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Worker processes and the life of the process that has started them. */
@Tag("R76")
@Timeout(120)
final class WorkerParentTest {
  @TempDir Path scratch;
  private Process process;

  private BufferedReader start(Backend backend, String how, String... flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "-Djava.io.tmpdir=" + scratch));
    command.addAll(List.of(flags));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            WorkerProgram.class.getName(),
            backend.name(),
            how));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("JAVA_TOOL_OPTIONS", "-Dtrefoil.tool=8");
    process = builder.start();
    return process.inputReader();
  }

  @AfterEach
  void end() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static List<ProcessHandle> workers(BufferedReader output) throws IOException {
    List<ProcessHandle> workers = new ArrayList<>();
    for (String line = output.readLine(); !"ready".equals(line); line = output.readLine()) {
      assertThat(line).isNotNull();
      workers.add(ProcessHandle.of(Long.parseLong(line)).orElseThrow());
    }
    assertThat(workers).hasSize(2).allMatch(ProcessHandle::isAlive);
    return workers;
  }

  private static void assertThatAllEnd(List<ProcessHandle> workers) throws Exception {
    for (ProcessHandle worker : workers) {
      worker.onExit().get(30, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void killedParentLeavesNoOrphanNeitherIdleNorComputing(Backend backend) throws Exception {
    List<ProcessHandle> workers = workers(start(backend, "killed"));
    process.destroyForcibly();
    assertThatAllEnd(workers);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void parentThatExitsInTheMiddleOfARunLeavesNoOrphan(Backend backend) throws Exception {
    List<ProcessHandle> workers = workers(start(backend, "exit"));
    assertThatAllEnd(workers);
    assertThat(process.waitFor()).isZero();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @DisabledOnOs(OS.WINDOWS)
  void flagsAreCarriedOverSaveForThoseOfOneProcess(Backend backend) throws Exception {
    BufferedReader output =
        start(
            backend,
            "flags",
            "-Dtrefoil.mark=7",
            "-Xmx99m",
            "-Xms50m",
            "-ea",
            "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0,quiet=y",
            "-Dcom.sun.management.jmxremote.port=0",
            "-Dcom.sun.management.jmxremote.authenticate=false",
            "-Dcom.sun.management.jmxremote.ssl=false",
            "-Xlog:gc:file=" + scratch.resolve("gc.log"));
    String worker = output.readLine();
    assertThat(process.waitFor()).isZero();
    assertThat(worker)
        .startsWith("mark=7 tool=8 ")
        .contains("-Xmx99m", "-ea", "-XX:+UseSerialGC")
        .doesNotContain("-Xms", "jdwp", "com.sun.management", "gc.log");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void garbageCollectorOfTheParentIsThatOfTheWorkers(Backend backend) throws Exception {
    BufferedReader output = start(backend, "flags", "-XX:+UseParallelGC");
    assertThat(output.readLine()).contains("-XX:+UseParallelGC").doesNotContain("SerialGC");
    assertThat(process.waitFor()).isZero();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void workerIsNotLeftAloneWithAReplyForWhichThereIsNoMemory(Backend backend) throws Exception {
    BufferedReader output = start(backend, "memory", "-Xmx64m");
    assertThat(output.readLine()).isEqualTo("OutOfMemoryError");
    assertThat(output.readLine()).as("worker lives").isEqualTo("false");
    assertThat(process.waitFor()).isZero();
  }
}
