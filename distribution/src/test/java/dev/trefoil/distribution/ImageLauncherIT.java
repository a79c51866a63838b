package dev.trefoil.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
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

  private Program startJava(List<String> options, Class<?> program, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(distribution("trefoil-image/bin/java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", distribution("test-classes").toString(), program.getName()));
    command.addAll(List.of(arguments));
    return Program.start(scratch, Map.of(), command);
  }

  private Program startRecordedRun(String... options) throws Exception {
    return startJava(List.of(options), RecordedRun.class, elsewhere.resolve("run.jfr").toString());
  }

  @Test
  void runIsRecordedByTheFlightRecorderOfTheImage() throws Exception {
    try (Program recorded = startRecordedRun()) {
      assertThat(recorded.exitCode()).isZero();
      assertThat(recorded.printed()).containsExactly("exited: main", "backend: CONTINUATION");
    }
  }

  @Test
  void programOnTheClassPathStartsWithTheArchiveOfTheImageAndWithLinkedClasses() throws Exception {
    try (Program run = startRecordedRun("-Xshare:on", "-Xlog:aot", logLoaded())) {
      run.awaitLine(".*Using AOT-linked classes: true.*");
      assertThat(run.exitCode()).isZero();
    }
    assertThat(loaded()).contains(FROM_ARCHIVE);
  }

  @Test
  void workerProcessesAreStartedFromTheImage() throws Exception {
    try (Program run = startJava(List.of(), RunWithProcess.class)) {
      assertThat(run.exitCode()).isZero();
      assertThat(run.printed())
          .containsExactly("java: " + distribution("trefoil-image"), "backend: CONTINUATION");
    }
  }
}
