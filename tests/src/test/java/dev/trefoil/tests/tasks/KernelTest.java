package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.KernelOperations;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.Kernel;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskTree;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.spi.AbstractSelector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A kernel as it is seen from outside: adding tasks, running, stopping. */
@Timeout(60)
final class KernelTest {
  private static final String BACKENDS = "dev.trefoil.tests.tasks.Schedules#backends";
  private static final String SCHEDULES = "dev.trefoil.tests.tasks.Schedules#all";
  private static final long HANG_GUARD = 30;

  private final List<String> log = new ArrayList<>();
  private final ParkingLot lot = new ParkingLot();

  private static Kernel kernel(RunOptions options) {
    return Kernel.builder().options(options).logErrors(false).build();
  }

  // ---- adding and running

  @Test
  @Tag("R54")
  void aKernelOfTheDefaultsRunsATask() {
    try (Kernel kernel = Kernel.create()) {
      assertThat(kernel.run(() -> Kernel.current())).isSameAs(kernel);
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R60")
  void addedTasksRunInTheOrderAddedAndNotBefore(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      Task<?> first = kernel.addTask(() -> log.add("first"));
      kernel.addTask(() -> log.add("second"));
      assertThat(log).isEmpty();
      assertThat(first.id()).isEqualTo(1);
      kernel.run();
    }
    assertThat(log).containsExactly("first", "second");
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R60")
  @Tag("R67")
  void theResultOfAnAddedTaskCanBeReadAfterTheRun(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      Task<String> task =
          kernel.addTask(
              () -> {
                Hazmat.yieldBriefly();
                return "result";
              });
      assertThatThrownBy(task::result)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no result yet")
          .hasMessageContaining("RUNNABLE");
      kernel.run();
      assertThat(task.result()).isEqualTo("result");
    }
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R57")
  void runGoesOnUntilAllTasksHaveEndedNotOnlyTheMainTask(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      String result =
          kernel.run(
              () -> {
                Kernel.spawn(
                    () -> {
                      Trefoil.sleep(Duration.ofMillis(1));
                      log.add("child");
                    });
                return "main";
              });
      assertThat(result).isEqualTo("main");
      assertThat(log).containsExactly("child");
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R57")
  void runWithoutTasksReturnsAtOnce(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      kernel.run();
      kernel.addTask(Trefoil::sleepForever, true);
      kernel.run();
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R57")
  @Tag("T66")
  void theErrorOfMainComesOutAsTheVerySameObjectWhenAllTasksHaveEnded(RunOptions options) {
    for (Throwable failure : Schedules.kindsOfFailure()) {
      log.clear();
      try (Kernel kernel = kernel(options)) {
        assertThat(
                catchThrowable(
                    () ->
                        kernel.run(
                            () -> {
                              Kernel.spawn(
                                  () -> {
                                    Trefoil.sleep(Duration.ofMillis(1));
                                    log.add("child");
                                  });
                              throw failure;
                            })))
            .isSameAs(failure);
        assertThat(log).containsExactly("child");
      }
    }
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R57")
  void aKernelRunsAgainAndAgain(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      for (int turn = 0; turn < 3; turn++) {
        int number = turn;
        Body<Integer, RuntimeException> main = () -> number;
        assertThat(kernel.run(main)).isEqualTo(turn);
      }
    }
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R59")
  void theCrashOfOneTaskDoesNotTouchTheOthers(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      Task<?> crashing =
          kernel.addTask(
              () -> {
                throw new IOException("crashed");
              });
      Task<?> healthy =
          kernel.addTask(
              () -> {
                Trefoil.sleep(Duration.ofMillis(1));
                return "healthy";
              });
      kernel.run();
      assertThat(crashing.exception()).isInstanceOf(IOException.class);
      assertThat(healthy.result()).isEqualTo("healthy");
    }
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R61")
  void daemonsDoNotKeepTheKernelRunningAndGoOnInTheNextRun(RunOptions options) {
    MockClock clock = MockClock.autojump();
    try (Kernel kernel = Kernel.builder().options(options).clock(clock).build()) {
      kernel.addTask(
          () -> {
            while (true) {
              Trefoil.sleep(Duration.ofSeconds(2));
              log.add("tick");
            }
          },
          true);
      kernel.run(() -> Trefoil.sleep(Duration.ofSeconds(3)));
      assertThat(log).containsExactly("tick");
      kernel.run(() -> Trefoil.sleep(Duration.ofSeconds(2)));
      assertThat(log).containsExactly("tick", "tick");
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R61")
  @Tag("T40")
  void addedTasksHaveNoParentAndNoMainTaskIsAboveThem(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      kernel.run(
          () -> {
            assertThat(Hazmat.currentTask().owner().parentTask()).isNull();
            assertThatThrownBy(TaskTree::rootTask)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("main task");
          });
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R21")
  void systemTasksRunInAKernelAndAreCancelledByItsShutdown(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      kernel.run(
          () -> {
            Hazmat.spawnSystemTask(
                "system",
                () -> {
                  try {
                    Trefoil.sleepForever();
                  } finally {
                    log.add("cancelled");
                  }
                  return "never";
                });
            Hazmat.yieldBriefly();
          });
      assertThat(log).isEmpty();
    }
    assertThat(log).containsExactly("cancelled");
  }

  // ---- wrong use

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R57")
  @Tag("R60")
  @Tag("R63")
  void whatBelongsOutsideIsRefusedInsideATaskWithAHintWhatToDo(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      List<Runnable> calls =
          List.of(
              kernel::run,
              () -> kernel.run(() -> log.add("inner")),
              () -> kernel.addTask(() -> log.add("inner")),
              kernel::shutdown,
              kernel::close);
      kernel.run(
          () -> {
            for (Runnable call : calls) {
              assertThatThrownBy(call::run)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("inside")
                  .hasMessageContaining("Kernel.spawn");
            }
          });
      assertThat(kernel.run(() -> "still usable")).isEqualTo("still usable");
    }
    assertThat(log).isEmpty();
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R57")
  @Tag("R60")
  @Tag("R63")
  void whatBelongsOutsideIsRefusedToOtherThreadsWhileTheKernelRuns(RunOptions options)
      throws Exception {
    try (Kernel kernel = kernel(options)) {
      List<Runnable> calls =
          List.of(kernel::run, () -> kernel.addTask(() -> log.add("other")), kernel::shutdown);
      kernel.run(
          () -> {
            for (Runnable call : calls) {
              Throwable refusal =
                  CompletableFuture.runAsync(call)
                      .handle((nothing, error) -> error.getCause())
                      .get(HANG_GUARD, TimeUnit.SECONDS);
              assertThat(refusal)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("is running");
            }
          });
    }
    assertThat(log).isEmpty();
  }

  @Test
  @Tag("R54")
  void bodiesThatAreNullAreRefusedAndTheKernelStaysUsable() {
    try (Kernel kernel = Kernel.create()) {
      Body<String, RuntimeException> none = null;
      assertThatThrownBy(() -> kernel.run(none))
          .isInstanceOf(NullPointerException.class)
          .hasMessageContaining("body");
      java.util.concurrent.Callable<String> nothing = null;
      assertThatThrownBy(() -> kernel.addTask(nothing))
          .isInstanceOf(NullPointerException.class)
          .hasMessageContaining("body");
      assertThat(kernel.run(() -> "usable")).isEqualTo("usable");
    }
  }

  // ---- stopping

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R62")
  void stopFromAnotherThreadWakesASleepingKernelAndLeavesItsTasksSuspended(RunOptions options)
      throws Exception {
    try (Kernel kernel = kernel(options)) {
      CompletableFuture<EntryPoint> entry = new CompletableFuture<>();
      Thread stopper = new Thread(kernel::stop);
      Task<?> task =
          kernel.addTask(
              () -> {
                entry.complete(Hazmat.currentCallSoonThreadAndSignalSafe());
                stopper.start();
                lot.park();
                log.add("resumed");
              });
      kernel.run();
      stopper.join();
      assertThat(log).isEmpty();
      assertThat(task.hasEnded()).isFalse();
      entry.get(HANG_GUARD, TimeUnit.SECONDS).callSoonThreadAndSignalSafe(lot::unpark);
      kernel.run();
      assertThat(log).containsExactly("resumed");
    }
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R62")
  void stopInsideATaskTakesEffectWhenItYieldsAndALaterRunGoesOn(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      String result =
          kernel.run(
              () -> {
                kernel.stop();
                log.add("before the yield");
                Hazmat.yieldBriefly();
                log.add("after the yield");
                return "unheard";
              });
      assertThat(result).isNull();
      assertThat(log).containsExactly("before the yield");
      kernel.run();
      assertThat(log).containsExactly("before the yield", "after the yield");
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R62")
  void stopBeforeARunEndsThatRunOnly(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      kernel.addTask(() -> log.add("ran"));
      kernel.stop();
      kernel.run();
      assertThat(log).isEmpty();
      kernel.run();
      assertThat(log).containsExactly("ran");
    }
  }

  // ---- breaking

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("R50")
  @Tag("R57")
  void aBrokenRunEndsAllTasksDaemonsTooAndTheKernelIsOfNoMoreUse(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      kernel.addTask(
          () -> {
            try {
              Trefoil.sleepForever();
            } finally {
              log.add("daemon cancelled");
            }
          },
          true);
      assertThatThrownBy(
              () ->
                  kernel.run(
                      () -> {
                        Hazmat.yieldBriefly();
                        Hazmat.currentCallSoonThreadAndSignalSafe()
                            .callSoonThreadAndSignalSafe(
                                () -> {
                                  throw new IllegalArgumentException("broken");
                                });
                        Trefoil.sleep(Duration.ofDays(1));
                      }))
          .isInstanceOf(KernelError.class)
          .hasRootCauseMessage("broken");
      assertThat(log).containsExactly("daemon cancelled");
      assertThatThrownBy(kernel::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("has broken")
          .hasMessageContaining("another kernel");
    }
  }

  /** Opens the door that kernels make keyboard interrupts through. */
  private abstract static class Interrupts extends KernelOperations {
    static KeyboardInterrupt make() {
      return newKeyboardInterrupt();
    }
  }

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("T66")
  void aKeyboardInterruptThatATaskEndsWithEndsTheRunAndLeavesTheOthersSuspended(
      RunOptions options) {
    KeyboardInterrupt interrupt = Interrupts.make();
    try (Kernel kernel = kernel(options)) {
      Task<?> other = kernel.addTask(Trefoil::sleepForever);
      kernel.addTask(
          () -> {
            throw interrupt;
          });
      assertThat(catchThrowable(kernel::run)).isSameAs(interrupt);
      assertThat(other.hasEnded()).isFalse();
    }
  }

  // ---- options

  /** Makes the platform's selectors and keeps them. */
  private static final class Recording extends ForwardingSelectorProvider {
    final List<AbstractSelector> opened = new ArrayList<>();

    @Override
    public AbstractSelector openSelector() throws IOException {
      AbstractSelector selector = super.openSelector();
      opened.add(selector);
      return selector;
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R55")
  void theSelectorOfTheGivenProviderIsUsedAndClosedWithTheKernel(RunOptions options)
      throws IOException {
    Recording provider = new Recording();
    Pipe pipe = Pipe.open();
    try (Pipe.SourceChannel source = pipe.source();
        Pipe.SinkChannel sink = pipe.sink()) {
      source.configureBlocking(false);
      try (Kernel kernel = Kernel.builder().options(options).selectorProvider(provider).build()) {
        kernel.run(
            () -> {
              Task<?> reader = Kernel.spawn(() -> Hazmat.waitSocketReadable(source));
              assertThat(source.keyFor(provider.opened.getFirst())).isNotNull();
              sink.write(java.nio.ByteBuffer.wrap(new byte[1]));
              reader.join();
            });
        assertThat(provider.opened).hasSize(1).allMatch(selector -> selector.isOpen());
      }
      assertThat(provider.opened).hasSize(1).noneMatch(selector -> selector.isOpen());
    }
  }

  /** A selector that takes nothing. */
  private static final class Choosy extends ForwardingSelectorProvider {
    @Override
    public AbstractSelector openSelector() throws IOException {
      return new RefusingSelector(this, super.openSelector());
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R55")
  void aChannelThatTheGivenSelectorDoesNotTakeIsRefusedWithBothProvidersNamed(RunOptions options)
      throws IOException {
    try (Kernel kernel = Kernel.builder().options(options).selectorProvider(new Choosy()).build();
        DatagramChannel channel = DatagramChannel.open()) {
      channel.configureBlocking(false);
      kernel.run(
          () ->
              assertThatThrownBy(() -> Hazmat.waitSocketReadable(channel))
                  .isInstanceOf(IllegalArgumentException.class)
                  .hasMessageContaining(Choosy.class.getName())
                  .hasMessageContaining(channel.provider().getClass().getName()));
    }
  }

  // ---- with nurseries and plain runs

  @ParameterizedTest
  @MethodSource(SCHEDULES)
  @Tag("T6")
  @Tag("R68")
  void nurseriesWorkInAKernelsTasksAndTheirTasksCanBeCancelled(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      kernel.run(
          () ->
              Nursery.open(
                  nursery -> {
                    Task<?> asleep = nursery.spawn(Trefoil::sleepForever);
                    Task<String> beside = Kernel.spawn(() -> "beside");
                    assertThat(Kernel.current()).isSameAs(kernel);
                    assertThat(asleep.cancel()).isTrue();
                    assertThat(asleep.state()).isEqualTo(TaskState.CANCELLED);
                    assertThat(beside.join()).isEqualTo("beside");
                    Task<Kernel> child = nursery.spawn(Kernel::current);
                    assertThat(child.join()).isSameAs(kernel);
                  }));
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R64")
  void spawningInAPlainRunIsRefusedWithAHintToNurseriesAndToKernels(RunOptions options) {
    Trefoil.run(
        options,
        () ->
            assertThatThrownBy(() -> Kernel.spawn(() -> log.add("spawned")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Trefoil.run")
                .hasMessageContaining("Nursery.open")
                .hasMessageContaining("Kernel.run"));
    assertThatThrownBy(() -> Kernel.spawn(() -> log.add("spawned")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
    assertThat(log).isEmpty();
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  @Tag("R54")
  void kernelsOfTwoThreadsDoNotKnowOfEachOther(RunOptions options) throws Exception {
    CountDownLatch bothRun = new CountDownLatch(2);
    Body<Kernel, Exception> main =
        () -> {
          bothRun.countDown();
          assertThat(bothRun.await(HANG_GUARD, TimeUnit.SECONDS)).isTrue();
          return Kernel.current();
        };
    try (Kernel first = kernel(options);
        Kernel second = kernel(options)) {
      CompletableFuture<Kernel> seen = new CompletableFuture<>();
      Thread other =
          new Thread(
              () -> {
                try {
                  seen.complete(Objects.requireNonNull(second.run(main)));
                } catch (Exception error) {
                  seen.completeExceptionally(error);
                }
              });
      other.start();
      assertThat(first.run(main)).isSameAs(first);
      assertThat(seen.get(HANG_GUARD, TimeUnit.SECONDS)).isSameAs(second);
      other.join();
    }
  }
}
