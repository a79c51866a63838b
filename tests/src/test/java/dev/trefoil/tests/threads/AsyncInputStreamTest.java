package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ResourceBusy;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import dev.trefoil.threads.ThreadOptions;
import dev.trefoil.threads.ToThread;
import dev.trefoil.threads.io.AsyncInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An input stream that blocks, read by tasks. */
@Tag("T64")
final class AsyncInputStreamTest {
  private static final ThreadOptions ABANDON = ThreadOptions.defaults().withAbandonOnCancel();
  private static final ThreadOptions INTERRUPT = ThreadOptions.defaults().withInterruptOnCancel();

  @TempDir Path directory;

  private final List<@Nullable Object> log = new ArrayList<>();
  private final PipedOutputStream writer = new PipedOutputStream();
  private final CancelScope scope = CancelScope.create();

  private final Gate inRead = new Gate();

  private InputStream pipe() throws IOException {
    return new PipedInputStream(writer) {
      @Override
      public synchronized int read(byte[] into, int offset, int length) throws IOException {
        inRead.open();
        inRead.passUninterruptibly();
        return super.read(into, offset, length);
      }
    };
  }

  // ---- reading

  @TrefoilTest(seeds = 5)
  void readsWhatTheOriginalReadsHoweverItIsAsked() throws Exception {
    byte[] content = new byte[100_000];
    Random random = new Random(1);
    random.nextBytes(content);
    Path file = directory.resolve("file");
    Files.write(file, content);
    try (InputStream in = AsyncInputStream.wrap(Files.newInputStream(file))) {
      for (int position = 0; position < content.length; ) {
        int wanted = random.nextInt(40_000);
        if (wanted < 1000) {
          assertThat(in.read()).isEqualTo(content[position] & 0xff);
          position++;
        } else if (wanted < 5000) {
          assertThat(in.available()).isPositive();
          position += (int) in.skip(wanted);
        } else {
          byte[] part = new byte[wanted];
          int count = in.read(part, 1, wanted - 1);
          assertThat(count).isPositive();
          for (int i = 0; i < count; i++) {
            assertThat(part[i + 1]).isEqualTo(content[position + i]);
          }
          position += count;
        }
      }
      assertThat(in.read()).isEqualTo(-1);
      assertThat(in.read(new byte[5])).isEqualTo(-1);
    }
    try (InputStream in = AsyncInputStream.wrap(Files.newInputStream(file))) {
      assertThat(in.readAllBytes()).isEqualTo(content);
    }
  }

  @TrefoilTest(seeds = 20)
  void isACheckpointWhetherItWaitsOrNot() throws Exception {
    InputStream in = AsyncInputStream.wrap(new ByteArrayInputStream(new byte[2]));
    Checkpoints.assertCheckpoints(() -> assertThat(in.available()).isEqualTo(2));
    Checkpoints.assertCheckpoints(() -> assertThat(in.read()).isZero());
    Checkpoints.assertCheckpoints(() -> assertThat(in.available()).isEqualTo(1));
    Checkpoints.assertCheckpoints(() -> assertThat(in.read()).isZero());
    Checkpoints.assertCheckpoints(() -> assertThat(in.read()).isEqualTo(-1));
    Checkpoints.assertCheckpoints(in::close);
  }

  @TrefoilTest(seeds = 20)
  void othersGoOnWhileItWaits() throws Exception {
    InputStream in = AsyncInputStream.wrap(pipe());
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add(in.read()));
          Testing.waitAllTasksBlocked();
          log.add("other");
          write(7);
        });
    assertThat(log).containsExactly("other", 7);
  }

  private void write(int b) throws IOException {
    writer.write(b);
    writer.flush();
  }

  @TrefoilTest(seeds = 20)
  void throwsTheVeryErrorOfTheOriginal() throws Exception {
    InputStream broken = pipe();
    broken.close();
    IOException expected = (IOException) catchThrowable(broken::read);
    assertThatThrownBy(() -> AsyncInputStream.wrap(broken).read())
        .isInstanceOf(IOException.class)
        .hasMessage(expected.getMessage());
  }

  @TrefoilTest(seeds = 20)
  void secondReadAtATimeIsToldWhoReads() throws Exception {
    InputStream in = AsyncInputStream.wrap(pipe());
    Nursery.open(
        nursery -> {
          nursery.spawn("reader", () -> log.add(in.read()));
          Testing.waitAllTasksBlocked();
          assertThatThrownBy(in::read)
              .isInstanceOf(ResourceBusy.class)
              .hasMessageContainingAll("AsyncInputStream", "reader", "Lock");
          assertThatThrownBy(in::available).isInstanceOf(ResourceBusy.class);
          write(1);
        });
    assertThat(log).containsExactly(1);
    write(2);
    assertThat(in.read()).isEqualTo(2);
  }

  // ---- outside of runs

  @Test
  void readsDirectlyOutsideOfRuns() throws IOException {
    InputStream in = AsyncInputStream.wrap(new ByteArrayInputStream(new byte[] {1, 2}));
    assertThat(in.readAllBytes()).containsExactly(1, 2);
    in.close();
    assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessageContaining("closed");
  }

  @TrefoilTest(seeds = 20)
  void readsDirectlyOnAThreadOfTheTask() throws Exception {
    InputStream in = AsyncInputStream.wrap(new ByteArrayInputStream(new byte[] {1, 2, 3}));
    assertThat(in.read()).isEqualTo(1);
    byte[] rest = ToThread.runInThread(in::readAllBytes);
    assertThat(rest).containsExactly(2, 3);
  }

  // ---- cancellation

  @TrefoilTest(seeds = 20)
  void cancelledInAReadItWaitsAndReturnsWhatCame() throws Exception {
    InputStream in = AsyncInputStream.wrap(pipe());
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () -> {
                        log.add(in.read());
                        Hazmat.yieldIfCancelled();
                        log.add("not reached");
                      }));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          write(5);
        });
    assertThat(log).containsExactly(5);
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @Tag("T46")
  @TrefoilTest(seeds = 20)
  void abandonedReadIsLeftAtOnceAndWhatItGetsIsNotLost() throws Exception {
    InputStream in = AsyncInputStream.wrap(pipe(), ABANDON);
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> log.add(in.read())));
          inRead.awaitReached();
          scope.cancel();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(ToThread.activeThreadCount()).isEqualTo(1);
    assertThat(in.available()).isZero();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add(in.read()));
          Testing.waitAllTasksBlocked();
          write(1);
        });
    ToThread.waitAllThreadsCompleted();
    write(2);
    log.add(in.read());
    assertThat(log).containsExactly(1, 2);
  }

  @Tag("T46")
  @TrefoilTest(seeds = 20)
  void interruptedReadIsStoppedAndTheNextOneReadsOn() throws Exception {
    InputStream in = AsyncInputStream.wrap(pipe(), INTERRUPT);
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> log.add(in.read())));
          Testing.waitAllTasksBlocked();
          scope.cancel();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(ToThread.activeThreadCount()).isZero();
    write(9);
    assertThat(in.read()).isEqualTo(9);
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 3)
  void everyByteIsReadOnceHoweverReadsAreCancelled() throws Exception {
    for (ThreadOptions options : List.of(ThreadOptions.defaults(), ABANDON, INTERRUPT)) {
      int size = 3000;
      PipedOutputStream out = new PipedOutputStream();
      InputStream in = AsyncInputStream.wrap(new PipedInputStream(out), options);
      FutureTask<Void> feeder = new FutureTask<>(() -> feed(out, size));
      Thread.ofPlatform().daemon().start(feeder);
      List<Byte> read = new ArrayList<>();
      CancelScope[] current = {CancelScope.create()};
      boolean[] ended = {false};
      Nursery.open(
          nursery -> {
            nursery.spawn(
                () -> {
                  while (!ended[0]) {
                    current[0] = CancelScope.create();
                    current[0].run(
                        () -> {
                          byte[] part = new byte[10];
                          int count = in.read(part);
                          for (int i = 0; i < count; i++) {
                            read.add(part[i]);
                          }
                          ended[0] = count < 0;
                        });
                  }
                });
            Random random = new Random(2);
            while (!ended[0]) {
              Hazmat.yieldBriefly();
              spin(random.nextInt(2_000));
              current[0].cancel();
            }
          });
      feeder.get(30, TimeUnit.SECONDS);
      assertThat(read).hasSize(size);
      for (int i = 0; i < size; i++) {
        assertThat(read.get(i)).isEqualTo((byte) i);
      }
      ToThread.waitAllThreadsCompleted();
    }
  }

  private static @Nullable Void feed(PipedOutputStream out, int size) throws IOException {
    Random random = new Random(4);
    for (int i = 0; i < size; i++) {
      out.write(i);
      if (random.nextInt(4) == 0) {
        out.flush();
        spin(random.nextInt(2_000));
      }
    }
    out.close();
    return null;
  }

  private static void spin(int times) {
    for (int i = 0; i < times; i++) {
      Thread.onSpinWait();
    }
  }

  @Tag("T46")
  @EveryBackend
  void whatAnAbandonedReadGotIsThereForTheNextRun(RunOptions options) throws IOException {
    InputStream in = AsyncInputStream.wrap(pipe(), ABANDON);
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn(() -> in.read());
                  inRead.awaitReached();
                  nursery.cancelScope().cancel();
                }));
    write(3);
    assertThat(Trefoil.<Integer, IOException>run(options, in::read)).isEqualTo(3);
    write(4);
    assertThat(in.read()).isEqualTo(4);
  }

  // ---- closing

  @TrefoilTest(seeds = 20)
  void closingFromAnotherTaskEndsAReadOfAChannel() throws Exception {
    Pipe pipe = Pipe.open();
    InputStream in = AsyncInputStream.wrap(Channels.newInputStream(pipe.source()));
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add(catchThrowable(in::read)));
          Testing.waitAllTasksBlocked();
          in.close();
        });
    assertThat(log).singleElement().isInstanceOf(ClosedChannelException.class);
    pipe.sink().close();
  }

  @TrefoilTest(seeds = 20)
  void closesAlsoIfCancelledAndThenRaises() throws Exception {
    Pipe pipe = Pipe.open();
    scope.cancel();
    scope.run(
        () -> {
          try (InputStream in = AsyncInputStream.wrap(Channels.newInputStream(pipe.source()))) {
            log.add(in);
          } catch (Cancelled raised) {
            log.add(pipe.source().isOpen());
            throw raised;
          }
        });
    assertThat(log).hasSize(2).last().isEqualTo(false);
    assertThat(scope.cancelledCaught()).isTrue();
    pipe.sink().close();
  }

  @TrefoilTest(seeds = 20)
  void closesAfterTheBodyWasCancelledWithoutHidingIt() throws Exception {
    Pipe pipe = Pipe.open();
    scope.run(
        () -> {
          try (InputStream in = AsyncInputStream.wrap(Channels.newInputStream(pipe.source()))) {
            scope.cancel();
            log.add(in.read());
          }
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(pipe.source().isOpen()).isFalse();
    assertThat(log).isEmpty();
    pipe.sink().close();
  }

  @TrefoilTest(seeds = 20)
  void closesAlthoughAllTokensAreTakenByReadsThatWaitForThat() throws Exception {
    ToThread.currentDefaultThreadLimiter().setTotalTokens(1);
    Pipe pipe = Pipe.open();
    InputStream in = AsyncInputStream.wrap(Channels.newInputStream(pipe.source()));
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> log.add(catchThrowable(in::read)));
          Testing.waitAllTasksBlocked();
          in.close();
        });
    assertThat(log).singleElement().isInstanceOf(IOException.class);
    pipe.sink().write(ByteBuffer.allocate(0));
    pipe.sink().close();
  }

  @TrefoilTest(seeds = 20)
  void closedStreamIsNotReadAlthoughItsBufferHasSomething() throws Exception {
    InputStream in = AsyncInputStream.wrap(new ByteArrayInputStream(new byte[5]));
    assertThat(in.read()).isZero();
    in.close();
    in.close();
    assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessageContaining("closed");
  }
}
