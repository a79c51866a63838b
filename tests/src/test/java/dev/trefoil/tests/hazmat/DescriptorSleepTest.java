package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What ends the sleep of a run in which tasks wait for descriptors, and for other things as well. */
@EnabledOnOs(OS.LINUX)
@Timeout(60)
final class DescriptorSleepTest {
  private static final int ROUNDS = 100;

  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  @AutoClose private final NativeSockets sockets = NativeSockets.open();
  private Pipe pipe;

  @BeforeEach
  void open() throws IOException {
    pipe = Pipe.open();
    pipe.source().configureBlocking(false);
  }

  @AfterEach
  void close() throws IOException {
    pipe.source().close();
    pipe.sink().close();
  }

  private void answerDescriptor() {
    Hazmat.waitReadable(sockets.left);
    NativeSockets.readOne(sockets.left);
    answers.add("descriptor");
  }

  private void answerChannel() throws IOException {
    Hazmat.waitSocketReadable(pipe.source());
    assertThat(pipe.source().read(ByteBuffer.allocate(1))).isOne();
    answers.add("channel");
  }

  private void answerDescriptors() {
    while (true) {
      answerDescriptor();
    }
  }

  private void answerChannels() throws IOException {
    while (true) {
      answerChannel();
    }
  }

  private void answerDescriptorsAndChannelsInTurn() throws IOException {
    while (true) {
      answerDescriptor();
      answerChannel();
    }
  }

  private String answer() throws InterruptedException {
    return answers.poll(30, TimeUnit.SECONDS);
  }

  private void exchangeDescriptor() throws InterruptedException {
    NativeSockets.write(sockets.right);
    assertThat(answer()).isEqualTo("descriptor");
  }

  private void exchangeChannel() throws Exception {
    pipe.sink().write(ByteBuffer.wrap(new byte[1]));
    assertThat(answer()).isEqualTo("channel");
  }

  private void exchangeEntryCall(EntryPoint entry) throws InterruptedException {
    entry.callSoonThreadAndSignalSafe(() -> answers.add("entry call"));
    assertThat(answer()).isEqualTo("entry call");
  }

  private void exchangeAll(EntryPoint entry) throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      exchangeDescriptor();
      exchangeEntryCall(entry);
      exchangeChannel();
    }
  }

  private void exchangeAllButChannels(EntryPoint entry) throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      exchangeEntryCall(entry);
      exchangeDescriptor();
    }
  }

  private interface Outside {
    void act(EntryPoint entry) throws Exception;
  }

  private interface Answering {
    void run() throws Exception;
  }

  private void runAnswering(RunOptions options, Outside outside, Answering... tasks)
      throws Exception {
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  for (Answering task : tasks) {
                    nursery.spawn(task::run);
                  }
                  startOutside(nursery, outside);
                }));
    assertThat(failure.get()).isNull();
  }

  /** Starts a thread that acts from outside and then ends the run by cancelling everything. */
  private Thread startOutside(Nursery nursery, Outside outside) {
    EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
    CancelScope scope = nursery.cancelScope();
    Thread thread =
        new Thread(
            () -> {
              try {
                outside.act(entry);
              } catch (Throwable error) {
                failure.set(error);
              } finally {
                entry.callSoonThreadAndSignalSafe(scope::cancel);
              }
            });
    thread.start();
    return thread;
  }

  @EveryBackend
  @Tag("R3")
  @Tag("R13")
  void descriptorsChannelsAndEntryCallsEachEndTheSleep(RunOptions options) throws Exception {
    runAnswering(options, this::exchangeAll, this::answerDescriptors, this::answerChannels);
  }

  @EveryBackend
  @Tag("R3")
  @Tag("R13")
  void descriptorsAndEntryCallsEndTheSleepOfARunWithoutChannels(RunOptions options)
      throws Exception {
    runAnswering(options, this::exchangeAllButChannels, this::answerDescriptors);
  }

  @EveryBackend
  @Tag("R3")
  void waitersForDescriptorsAndChannelsComeAndGo(RunOptions options) throws Exception {
    runAnswering(
        options,
        entry -> {
          for (int i = 0; i < ROUNDS; i++) {
            exchangeDescriptor();
            exchangeChannel();
          }
        },
        this::answerDescriptorsAndChannelsInTurn);
  }

  @EveryBackend
  @Tag("R3")
  @Tag("R13")
  void descriptorsChannelsAndEntryCallsEachEndTheSleepOfAGuest(RunOptions options)
      throws Exception {
    try (ExecutorService host = Executors.newSingleThreadExecutor()) {
      CountDownLatch ended = new CountDownLatch(1);
      host.submit(
              () ->
                  Trefoil.startGuest(
                      options,
                      host,
                      () -> {
                        Nursery.open(
                            nursery -> {
                              nursery.spawn(this::answerDescriptors);
                              CancelScope channels = CancelScope.create();
                              nursery.spawn(() -> channels.run(this::answerChannels));
                              startOutside(
                                  nursery,
                                  entry -> {
                                    exchangeAll(entry);
                                    entry.callSoonThreadAndSignalSafe(channels::cancel);
                                    exchangeAllButChannels(entry);
                                  });
                            });
                        return null;
                      },
                      outcome -> ended.countDown()))
          .get();
      ended.await();
    }
    assertThat(failure.get()).isNull();
  }

  @EveryBackend
  @Tag("R3")
  @Tag("R31")
  void deadlineEndsTheSleepAndNotBefore(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          for (Duration timeout :
              new Duration[] {
                Duration.ofNanos(300_000), Duration.ofMillis(10), Duration.ofMillis(25)
              }) {
            NativeSockets.write(sockets.right);
            answerDescriptor();
            long begin = System.nanoTime();
            CancelScope scope =
                CancelScope.moveOnAfter(timeout, () -> Hazmat.waitReadable(sockets.left));
            assertThat(scope.cancelledCaught()).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(timeout);
          }
        });
  }

  @EveryBackend
  @Tag("R13")
  @Tag("R15")
  void entryCallThatMeetsTheEndOfARunThatWaitedForDescriptorsIsRefusedAndNothingElse(
      RunOptions options) throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      CountDownLatch begun = new CountDownLatch(1);
      AtomicReference<EntryPoint> entry = new AtomicReference<>();
      Thread caller =
          new Thread(
              () -> {
                try {
                  begun.await();
                  while (true) {
                    entry.get().callSoonThreadAndSignalSafe(() -> {});
                  }
                } catch (RunFinished expected) {
                  answers.add("refused");
                } catch (Throwable error) {
                  failure.set(error);
                }
              });
      caller.start();
      Trefoil.run(
          options,
          () -> {
            entry.set(Hazmat.currentCallSoonThreadAndSignalSafe());
            begun.countDown();
            CancelScope.moveOnAfter(
                Duration.ofNanos(300_000), () -> Hazmat.waitReadable(sockets.left));
          });
      caller.join();
    }
    assertThat(failure.get()).isNull();
    assertThat(answers).hasSize(ROUNDS);
  }
}
