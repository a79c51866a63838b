package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.ResourceBusy;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.threads.ThreadOptions;
import dev.trefoil.threads.io.AsyncReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** Characters and lines that come from where reading blocks. */
@Tag("T64")
final class AsyncReaderTest {
  private static final ThreadOptions ABANDON = ThreadOptions.defaults().withAbandonOnCancel();

  @TempDir Path directory;

  private final List<@Nullable Object> log = new ArrayList<>();
  private final CancelScope scope = CancelScope.create();

  /** Gives a text in pieces of any size. */
  private static Reader inPieces(String text, Random random) {
    return new Reader() {
      private final Reader whole = new StringReader(text);

      @Override
      public int read(char[] into, int offset, int length) throws IOException {
        return whole.read(into, offset, 1 + random.nextInt(Math.min(length, 9)));
      }

      @Override
      public void close() {}
    };
  }

  @TrefoilTest(seeds = 3)
  void readsWhatABufferedReaderReadsWhereverLinesEnd() throws Exception {
    Random random = new Random(1);
    for (int round = 0; round < 30; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(200); i > 0; i--) {
        text.append(List.of("a", "bc", "\n", "\r", "\r\n", "\uD83D\uDE00").get(random.nextInt(6)));
      }
      AsyncReader async = AsyncReader.wrap(inPieces(text.toString(), random));
      BufferedReader model = new BufferedReader(new StringReader(text.toString()));
      String line = "";
      while (line != null) {
        if (random.nextInt(4) == 0) {
          assertThat(async.read()).isEqualTo(model.read());
        }
        if (random.nextInt(4) == 0) {
          int count = random.nextInt(4);
          assertThat(async.skip(count)).isEqualTo(model.skip(count));
        }
        line = model.readLine();
        assertThat(async.readLine()).isEqualTo(line);
      }
      assertThat(async.read()).isEqualTo(-1);
    }
  }

  @TrefoilTest
  void readsLinesOfAnyLengthFromAFile() throws Exception {
    List<String> lines = new ArrayList<>();
    for (int length : new int[] {0, 1, 8191, 8192, 8193, 100_000, 3}) {
      lines.add("ä".repeat(length));
    }
    Path file = directory.resolve("file");
    Files.write(file, lines);
    try (AsyncReader reader = AsyncReader.wrap(Files.newBufferedReader(file))) {
      for (String line : reader.lines()) {
        log.add(line);
      }
    }
    assertThat(log).isEqualTo(lines);
    try (AsyncReader reader = AsyncReader.wrap(Files.newBufferedReader(file))) {
      char[] some = new char[10_000];
      int count = reader.read(some, 0, some.length);
      assertThat(new String(some, 0, count)).startsWith("\nä\nä");
    }
  }

  @TrefoilTest(seeds = 20)
  void isACheckpointWhetherItWaitsOrNot() throws Exception {
    AsyncReader reader = AsyncReader.wrap(new StringReader("one\ntwo\nthree\nxyz"));
    Checkpoints.assertCheckpoints(() -> assertThat(reader.ready()).isTrue());
    Checkpoints.assertCheckpoints(() -> assertThat(reader.readLine()).isEqualTo("one"));
    Checkpoints.assertCheckpoints(() -> assertThat(reader.readLine()).isEqualTo("two"));
    Checkpoints.assertCheckpoints(() -> assertThat(reader.ready()).isTrue());
    Checkpoints.assertCheckpoints(() -> reader.lines().iterator().next());
    Checkpoints.assertCheckpoints(() -> assertThat(reader.read()).isEqualTo('x'));
    Checkpoints.assertCheckpoints(() -> assertThat(reader.skip(1)).isEqualTo(1));
    Checkpoints.assertCheckpoints(() -> assertThat(reader.read(new char[5])).isEqualTo(1));
    Checkpoints.assertCheckpoints(() -> assertThat(reader.readLine()).isNull());
    Checkpoints.assertCheckpoints(reader::close);
  }

  @TrefoilTest(seeds = 20)
  void linesArriveAsTheyAreWrittenWhileOthersGoOn() throws Exception {
    PipedWriter writer = new PipedWriter();
    AsyncReader reader = AsyncReader.wrap(new PipedReader(writer));
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                for (String line : reader.lines()) {
                  log.add(line);
                }
              });
          Testing.waitAllTasksBlocked();
          assertThatThrownBy(reader::readLine).isInstanceOf(ResourceBusy.class);
          write(writer, "first\nsec");
          while (log.isEmpty()) {
            Testing.waitAllTasksBlocked();
          }
          write(writer, "ond");
          writer.close();
        });
    assertThat(log).containsExactly("first", "second");
  }

  private static void write(PipedWriter writer, String text) throws IOException {
    writer.write(text);
    writer.flush();
  }

  @Tag("T46")
  @TrefoilTest(seeds = 20)
  void whatOfALineIsThereStaysThereWhenItsReaderIsCancelled() throws Exception {
    PipedWriter writer = new PipedWriter();
    AsyncReader reader = AsyncReader.wrap(new PipedReader(writer), ABANDON);
    write(writer, "be");
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> log.add(reader.readLine())));
          Testing.waitAllTasksBlocked();
          scope.cancel();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    write(writer, "gun\nx");
    assertThat(reader.readLine()).isEqualTo("begun");
    assertThat(reader.read()).isEqualTo('x');
    assertThat(log).isEmpty();
  }

  @Tag("T46")
  @TrefoilTest(seeds = 5)
  void standardInputCanBeGivenUpAndReadLater() throws Exception {
    InputStream before = System.in;
    PipedOutputStream keyboard = new PipedOutputStream();
    System.setIn(new PipedInputStream(keyboard));
    try {
      AsyncReader reader =
          AsyncReader.wrap(new InputStreamReader(System.in, StandardCharsets.UTF_8), ABANDON);
      Nursery.open(
          nursery -> {
            nursery.spawn(() -> scope.run(() -> log.add(reader.readLine())));
            Testing.waitAllTasksBlocked();
            scope.cancel();
          });
      keyboard.write("yes\n".getBytes(StandardCharsets.UTF_8));
      keyboard.flush();
      log.add(reader.readLine());
      keyboard.close();
      log.add(reader.readLine());
    } finally {
      System.setIn(before);
    }
    assertThat(log).containsExactly("yes", null);
  }

  @TrefoilTest(seeds = 20)
  void iterationThrowsErrorsAsBufferedReadersDo() throws Exception {
    IOException broken = new IOException("disk");
    Reader original =
        new Reader() {
          @Override
          public int read(char[] into, int offset, int length) throws IOException {
            throw broken;
          }

          @Override
          public void close() {}
        };
    AsyncReader reader = AsyncReader.wrap(original);
    assertThat(catchThrowable(reader::readLine)).isSameAs(broken);
    Iterator<String> lines = reader.lines().iterator();
    assertThatThrownBy(lines::hasNext).isInstanceOf(UncheckedIOException.class).hasCause(broken);
    assertThatThrownBy(AsyncReader.wrap(new StringReader("")).lines().iterator()::next)
        .isInstanceOf(NoSuchElementException.class);
  }

  @TrefoilTest(seeds = 20)
  void closedReaderIsNotReadAlthoughItsBufferHasSomething() throws Exception {
    AsyncReader reader = AsyncReader.wrap(new StringReader("one\ntwo"));
    assertThat(reader.readLine()).isEqualTo("one");
    scope.cancel();
    scope.run(reader::close);
    assertThat(scope.cancelledCaught()).isTrue();
    assertThatThrownBy(reader::readLine)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> reader.skip(-1)).isInstanceOf(IllegalArgumentException.class);
  }
}
