package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.tasks.Trefoil;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What the body of a call in another process waits at until the test lets it through. */
record FileGate(File reached, File opened) implements Serializable {
  private static final long GUARD_NANOS = TimeUnit.SECONDS.toNanos(60);

  static FileGate in(Path folder) throws IOException {
    Path own = Files.createTempDirectory(folder, "gate");
    return new FileGate(own.resolve("reached").toFile(), own.resolve("opened").toFile());
  }

  /** In the other process: tells that it has come, and waits. */
  void pass() throws IOException, InterruptedException {
    reach();
    long deadline = System.nanoTime() + GUARD_NANOS;
    while (!opened.exists()) {
      assertThat(System.nanoTime()).as("opened in time").isLessThan(deadline);
      Thread.sleep(1);
    }
  }

  /** In the other process: tells that it has come, and its number. */
  void reach() throws IOException {
    Path draft = Files.createTempFile(reached.getParentFile().toPath(), "pid", null);
    Files.writeString(draft, Long.toString(ProcessHandle.current().pid()));
    assertThat(draft.toFile().renameTo(reached)).isTrue();
  }

  void open() throws IOException {
    Files.createFile(opened.toPath());
  }

  boolean isReached() {
    return reached.exists();
  }

  /** In a task: waits until the other process has come, letting others run. Returns its number. */
  long awaitReached() throws IOException {
    long deadline = System.nanoTime() + GUARD_NANOS;
    while (!isReached()) {
      assertThat(System.nanoTime()).as("reached in time").isLessThan(deadline);
      Trefoil.sleep(Duration.ofMillis(1));
    }
    return Long.parseLong(Files.readString(reached.toPath()));
  }
}
