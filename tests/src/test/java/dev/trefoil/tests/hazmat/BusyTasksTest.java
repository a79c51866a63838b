package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunDriver;
import dev.trefoil.hazmat.RunGuard;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskSpec;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/**
 * Tasks that are always runnable, one or several: the thread goes from one to the next with little in
 * between, and still whatever wants its turn gets it.
 */
@Timeout(60)
final class BusyTasksTest {
  private static final int[] NUMBERS = {1, 2, 3, 8};

  /** Stands for a single task as well, but one that does something else. */
  private static final int ONE_OPERATING = 0;

  private static final int[] WAYS = {ONE_OPERATING, 1, 2, 3, 8};
  private static final Duration SOON = Duration.ofMillis(2);

  private boolean over;

  private final RunGuard guard = new RunGuard("the guarded");

  /** Does what operations do that need not wait, over and over. */
  private void operateUntilOver() {
    while (!over) {
      if (guard.tryCheckpoint() == null) {
        guard.requireTask();
        Hazmat.yieldIfCancelled();
        Hazmat.yieldBrieflyNoCancel();
      }
    }
  }

  private void yieldUntilOver() {
    while (!over) {
      Hazmat.yieldBriefly();
    }
  }

  /** Runs so many of them, the caller's being one. */
  private void beBusy(int number) {
    over = false;
    if (number == ONE_OPERATING) {
      operateUntilOver();
      return;
    }
    Nursery.open(
        nursery -> {
          for (int i = 1; i < number; i++) {
            nursery.spawn(this::yieldUntilOver);
          }
          yieldUntilOver();
        });
  }

  @EveryBackend
  @Tag("R31")
  void theyTakeTurnsInOrder(RunOptions options) {
    for (int number : NUMBERS) {
      List<Integer> order = new ArrayList<>();
      Trefoil.run(
          options,
          () ->
              Nursery.open(
                  nursery -> {
                    for (int i = 0; i < number; i++) {
                      int task = i;
                      nursery.spawn(
                          () -> {
                            for (int turn = 0; turn < 50; turn++) {
                              order.add(task);
                              Hazmat.yieldBriefly();
                            }
                          });
                    }
                  }));
      assertThat(order).hasSize(50 * number);
      for (int turn = 0; turn < order.size(); turn++) {
        assertThat(order.get(turn)).isEqualTo(turn % number);
      }
    }
  }

  @EveryBackend
  @Tag("R31")
  @Tag("R41")
  void theyHandOverToEachOther(RunOptions options) {
    for (int number : NUMBERS) {
      int[] handed = new int[1];
      Trefoil.run(
          options,
          () -> {
            ParkingLot lot = new ParkingLot();
            Nursery.open(
                nursery -> {
                  for (int i = 0; i < number; i++) {
                    nursery.spawn(
                        () -> {
                          for (int turn = 0; turn < 50; turn++) {
                            lot.unpark();
                            handed[0]++;
                            lot.park();
                          }
                        });
                  }
                  while (handed[0] < 50 * number) {
                    Hazmat.yieldBriefly();
                    if (lot.statistics().tasksWaiting() == number) {
                      lot.unpark();
                    }
                  }
                  Hazmat.yieldBriefly();
                  lot.unparkAll();
                });
          });
      assertThat(handed[0]).isEqualTo(50 * number);
    }
  }

  @EveryBackend
  @Tag("R31")
  void stepsAreCounted(RunOptions options) {
    for (int number : NUMBERS) {
      Trefoil.run(
          options,
          () ->
              Nursery.open(
                  nursery -> {
                    for (int i = 0; i < number; i++) {
                      nursery.spawn(
                          () -> {
                            Task<?> task = Hazmat.currentTask();
                            for (int turn = 1; turn <= 50; turn++) {
                              assertThat(task.cycles()).isEqualTo(turn);
                              Hazmat.yieldBriefly();
                              assertThat(task.schedulePoints()).isEqualTo(turn);
                              assertThat(task.cancelPoints()).isEqualTo(turn);
                            }
                          });
                    }
                  }));
    }
  }

  @EveryBackend
  @Tag("R31")
  @Tag("R32")
  @Tag("R33")
  @Tag("R74")
  void deadlineCancelsThem(RunOptions options) {
    for (int number : WAYS) {
      CancelScope scope =
          Trefoil.run(options, () -> CancelScope.moveOnAfter(SOON, () -> beBusy(number)));
      assertThat(scope.cancelledCaught()).isTrue();
    }
  }

  @EveryBackend
  @Tag("R31")
  @Tag("R33")
  @Tag("R74")
  void sleeperIsWoken(RunOptions options) {
    for (int number : WAYS) {
      Trefoil.run(
          options,
          () ->
              Nursery.open(
                  nursery -> {
                    nursery.spawn(
                        () -> {
                          Trefoil.sleep(SOON);
                          over = true;
                        });
                    beBusy(number);
                  }));
      assertThat(over).isTrue();
    }
  }

  @EveryBackend
  @Tag("R13")
  @Tag("R33")
  void entryCallGetsIn(RunOptions options) {
    for (int number : WAYS) {
      Trefoil.run(
          options,
          () -> {
            EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
            Thread.ofPlatform().start(() -> entry.callSoonThreadAndSignalSafe(() -> over = true));
            beBusy(number);
          });
      assertThat(over).isTrue();
    }
  }

  @EveryBackend
  @Tag("R1")
  @Tag("R33")
  void readerIsWoken(RunOptions options) throws IOException {
    for (int number : WAYS) {
      Trefoil.run(
          options,
          () -> {
            Pipe pipe = Pipe.open();
            pipe.source().configureBlocking(false);
            Nursery.open(
                nursery -> {
                  nursery.spawn(
                      () -> {
                        Hazmat.waitSocketReadable(pipe.source());
                        over = true;
                      });
                  nursery.spawn(() -> pipe.sink().write(ByteBuffer.allocate(1)));
                  beBusy(number);
                });
            pipe.source().close();
            pipe.sink().close();
          });
      assertThat(over).isTrue();
    }
  }

  @EveryBackend
  @Tag("T4")
  @Tag("R33")
  void keyboardInterruptGetsIn(RunOptions options) {
    RunOptions polite = options.withKeyboardInterruptsRestrictedToCheckpoints();
    for (int number : WAYS) {
      assertThatThrownBy(
              () ->
                  Trefoil.run(
                      polite,
                      () -> {
                        Run run = Hazmat.currentRun();
                        Thread.ofPlatform().start(run::raiseKeyboardInterrupt);
                        beBusy(number);
                      }))
          .extracting(
              error -> error instanceof ExceptionGroup group ? group.leaves() : List.of(error))
          .asInstanceOf(InstanceOfAssertFactories.LIST)
          .hasOnlyElementsOfType(KeyboardInterrupt.class);
    }
  }

  @EveryBackend
  @Tag("R57")
  void driverStopsThem(RunOptions options) throws InterruptedException {
    for (int number : WAYS) {
      RunDriver driver = KernelProvider.find().open(options);
      CountDownLatch begun = new CountDownLatch(1);
      Thread stopping =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      begun.await();
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                    driver.stop();
                  });
      Task<Object> main =
          driver.spawnMain(
              TaskSpec.of(
                  () -> {
                    begun.countDown();
                    beBusy(number);
                    return null;
                  }));
      driver.drive(() -> false);
      stopping.join();
      assertThat(main.hasEnded()).isFalse();
      over = true;
      driver.drive(() -> false);
      assertThat(main.hasEnded()).isTrue();
      driver.end();
    }
  }

  @EveryBackend
  @Tag("T86")
  @Tag("R33")
  void instrumentThatComesLaterIsToldOfEachStep(RunOptions options) {
    for (int number : WAYS) {
      List<Task<?>> begun = new ArrayList<>();
      List<Task<?>> ended = new ArrayList<>();
      Instrument log =
          new Instrument() {
            @Override
            public void beforeTaskStep(Task<?> task) {
              begun.add(task);
              over = begun.size() > 100;
            }

            @Override
            public void afterTaskStep(Task<?> task) {
              ended.add(task);
            }
          };
      Trefoil.run(
          options,
          () ->
              Nursery.open(
                  nursery -> {
                    nursery.spawn(
                        () -> {
                          for (int i = 0; i < 10; i++) {
                            Hazmat.yieldBriefly();
                          }
                          Hazmat.currentRun().addInstrument(log);
                        });
                    beBusy(number);
                    Hazmat.currentRun().removeInstrument(log);
                  }));
      assertThat(begun).hasSizeGreaterThan(100);
      // The first to end is the one in which the instrument came, the last to begin that in which
      // it went.
      assertThat(ended.subList(1, ended.size())).isEqualTo(begun.subList(0, begun.size() - 1));
    }
  }
}
