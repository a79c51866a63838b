package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ResourceBusy;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.threads.ToThread;
import dev.trefoil.threads.io.AsyncOutputStream;
import dev.trefoil.threads.io.AsyncWriter;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** Output streams and writers that block, used by tasks. */
@Tag("T64")
final class AsyncWriterTest {
  @TempDir Path directory;

  private final List<@Nullable Object> log = new ArrayList<>();
  private final CancelScope scope = CancelScope.create();

  @TrefoilTest(seeds = 5)
  void writesToTheOriginalInOrder() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = AsyncOutputStream.wrap(bytes)) {
      out.write(1);
      out.write(new byte[] {0, 2, 3, 0}, 1, 2);
      out.write(new byte[] {4});
    }
    assertThat(bytes.toByteArray()).containsExactly(1, 2, 3, 4);
    StringWriter text = new StringWriter();
    try (Writer writer = AsyncWriter.wrap(text)) {
      writer.write('a');
      writer.append("bc").append('d');
      writer.write("xefx", 1, 2);
      writer.write(new char[] {'g', 'h'});
    }
    assertThat(text).hasToString("abcdefgh");
  }

  @TrefoilTest(seeds = 20)
  void isACheckpoint() throws Exception {
    OutputStream out = AsyncOutputStream.wrap(new ByteArrayOutputStream());
    Checkpoints.assertCheckpoints(() -> out.write(1));
    Checkpoints.assertCheckpoints(() -> out.write(new byte[3]));
    Checkpoints.assertCheckpoints(out::flush);
    Checkpoints.assertCheckpoints(out::close);
    Writer writer = AsyncWriter.wrap(new StringWriter());
    Checkpoints.assertCheckpoints(() -> writer.write('c'));
    Checkpoints.assertCheckpoints(() -> writer.write("text"));
    Checkpoints.assertCheckpoints(() -> writer.write(new char[3]));
    Checkpoints.assertCheckpoints(writer::flush);
    Checkpoints.assertCheckpoints(writer::close);
  }

  @TrefoilTest(seeds = 20)
  void flushReachesThroughTheBufferOfTheOriginal() throws Exception {
    Path file = directory.resolve("file");
    Writer writer = AsyncWriter.wrap(Files.newBufferedWriter(file));
    writer.write("first");
    assertThat(file).hasContent("");
    writer.flush();
    assertThat(file).hasContent("first");
    writer.write(",second");
    scope.cancel();
    scope.run(writer::close);
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(file).hasContent("first,second");
  }

  @TrefoilTest(seeds = 20)
  void cancelledInAWriteItWaitsUntilAllIsWritten() throws Exception {
    Pipe pipe = Pipe.open();
    int size = 1_000_000;
    OutputStream out = AsyncOutputStream.wrap(Channels.newOutputStream(pipe.sink()));
    InputStream reader = Channels.newInputStream(pipe.source());
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () -> {
                        out.write(new byte[size]);
                        log.add("written");
                        Hazmat.yieldIfCancelled();
                      }));
          Testing.waitAllTasksBlocked();
          assertThatThrownBy(() -> out.write(1)).isInstanceOf(ResourceBusy.class);
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          byte[] read = ToThread.runInThread(() -> reader.readNBytes(size));
          assertThat(read).hasSize(size);
        });
    assertThat(log).containsExactly("written");
    pipe.sink().close();
    pipe.source().close();
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  void closingFromAnotherTaskEndsAWriteToAChannel() throws Exception {
    Pipe pipe = Pipe.open();
    OutputStream out = AsyncOutputStream.wrap(Channels.newOutputStream(pipe.sink()));
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add(catchThrowable(() -> out.write(new byte[10_000_000]))));
          Testing.waitAllTasksBlocked();
          out.close();
        });
    assertThat(log).singleElement().isInstanceOf(IOException.class);
    pipe.source().close();
  }

  @TrefoilTest(seeds = 20)
  void errorsOfTheOriginalAreThrownByCloseAsWell() throws Exception {
    Pipe pipe = Pipe.open();
    OutputStream out =
        AsyncOutputStream.wrap(new BufferedOutputStream(Channels.newOutputStream(pipe.sink())));
    out.write(1);
    pipe.sink().close();
    pipe.source().close();
    assertThatThrownBy(out::close).isInstanceOf(IOException.class);
  }
}
