package dev.trefoil.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The launcher in the image, and what else the image holds. */
class ImageLauncherIT extends LauncherContract {
  @Override
  Path launcher() {
    return distribution("trefoil-image/bin/chat");
  }

  @Override
  Path archive() {
    return Path.of("lib/server/classes.jsa");
  }

  @Override
  List<String> words() {
    return List.of();
  }

  @Test
  void runIsRecordedByTheFlightRecorderOfTheImage() throws Exception {
    List<String> command =
        List.of(
            distribution("trefoil-image/bin/java").toString(),
            "-cp",
            distribution("test-classes").toString(),
            RecordedRun.class.getName(),
            elsewhere.resolve("run.jfr").toString());
    try (Program recorded = Program.start(scratch, Map.of(), command)) {
      assertThat(recorded.exitCode()).isZero();
      assertThat(recorded.printed()).containsExactly("exited: main", "backend: CONTINUATION");
    }
  }

  @Test
  void programOnTheClassPathStartsWithTheArchiveOfTheImageAndWithLinkedClasses() throws Exception {
    List<String> command =
        List.of(
            distribution("trefoil-image/bin/java").toString(),
            "-Xshare:on",
            "-Xlog:aot",
            "-Xlog:class+load:file=" + elsewhere.resolve("loaded") + ":none",
            "-cp",
            distribution("test-classes").toString(),
            RecordedRun.class.getName(),
            elsewhere.resolve("run.jfr").toString());
    try (Program run = Program.start(scratch, Map.of(), command)) {
      run.awaitLine(".*Using AOT-linked classes: true.*");
      assertThat(run.exitCode()).isZero();
    }
    assertThat(Files.readAllLines(elsewhere.resolve("loaded"))).contains(FROM_ARCHIVE);
  }

  @Test
  void workerProcessesAreStartedFromTheImage() throws Exception {
    List<String> command =
        List.of(
            distribution("trefoil-image/bin/java").toString(),
            "-cp",
            distribution("test-classes").toString(),
            RunWithProcess.class.getName());
    try (Program run = Program.start(scratch, Map.of(), command)) {
      assertThat(run.exitCode()).isZero();
      assertThat(run.printed())
          .containsExactly("java: " + distribution("trefoil-image"), "backend: CONTINUATION");
    }
  }
}
