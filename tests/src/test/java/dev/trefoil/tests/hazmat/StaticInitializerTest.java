package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunStatistics;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/**
 * A stack with a frame that cannot be suspended. One class for each wait, since a class is
 * initialized once.
 */
final class StaticInitializerTest {
  private static final ParkingLot LOT = new ParkingLot();
  private static final Pipe PIPE = pipe();

  private static Pipe pipe() {
    try {
      Pipe pipe = Pipe.open();
      pipe.source().configureBlocking(false);
      return pipe;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Parks {
    static final Throwable ERROR = catchThrowable(() -> LOT.<Object>park());
  }

  private static final class Yields {
    static final Throwable ERROR = catchThrowable(Hazmat::yieldBriefly);
  }

  private static final class WaitsForIo {
    static final Throwable ERROR = catchThrowable(() -> Hazmat.waitSocketReadable(PIPE.source()));
  }

  private static final class ParksOnAThread {
    static final Object VALUE = LOT.park();
  }

  private static void assertRefused(Throwable error, Class<?> culprit) {
    assertThat(error)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("'main'", culprit.getName(), "<clinit>");
    assertThat(Hazmat.currentTask().state()).isEqualTo(TaskState.RUNNING);
  }

  @TrefoilTest(backends = Backend.CONTINUATION)
  @Tag("R41")
  void parkingInAStaticInitializerIsRefusedByNameAndUndone() {
    assertRefused(Parks.ERROR, Parks.class);
    assertThat(LOT.isEmpty()).isTrue();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> LOT.unpark(dev.trefoil.hazmat.Outcome.of("the run goes on")));
          assertThat(LOT.<String>park()).isEqualTo("the run goes on");
        });
  }

  @TrefoilTest(backends = Backend.CONTINUATION)
  @Tag("R31")
  void yieldingInAStaticInitializerIsRefusedByName() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> {});
          assertRefused(Yields.ERROR, Yields.class);
          Hazmat.yieldBriefly();
          Testing.waitAllTasksBlocked();
        });
  }

  @TrefoilTest(backends = Backend.CONTINUATION)
  @Tag("R1")
  void waitingForIoInAStaticInitializerIsRefusedByNameAndUndone() throws IOException {
    assertRefused(WaitsForIo.ERROR, WaitsForIo.class);
    assertThat(Hazmat.currentRun().statistics().io().tasksWaitingRead()).isZero();
    PIPE.sink().write(ByteBuffer.allocate(1));
    Hazmat.waitSocketReadable(PIPE.source());
    Hazmat.notifyClosing(PIPE.source());
  }

  private static final class OpensANursery {
    static final List<String> LOG = new ArrayList<>();
    static final Throwable ERROR =
        catchThrowable(
            () ->
                Nursery.open(
                    nursery -> {
                      for (int i = 0; i < 3; i++) {
                        nursery.spawn(
                            () -> {
                              try {
                                Trefoil.sleepForever();
                              } finally {
                                LOG.add("ended");
                              }
                            });
                      }
                      throw new IOException("of the body");
                    }));
  }

  private static final class EndsANurseryWithoutTasks {
    static final Throwable ERROR =
        catchThrowable(
            () ->
                Nursery.open(
                    nursery -> {
                      // As many switches as a step may skip, so that the end of the block suspends.
                      for (int i = 0; i < 100; i++) {
                        Hazmat.yieldBrieflyNoCancel();
                      }
                    }));
  }

  @TrefoilTest(backends = Backend.CONTINUATION)
  @Tag("T6")
  @Tag("T20")
  void nurseryThatCannotWaitInAStaticInitializerIsLeftAndItsTasksAreCancelled() {
    CancelStatus status = Hazmat.currentTask().cancelStatus();
    RunStatistics before = Hazmat.currentRun().statistics();
    assertRefused(OpensANursery.ERROR, OpensANursery.class);
    assertThat(OpensANursery.ERROR)
        .hasMessageContainingAll("nursery of task 'main'", "3", "cancelled")
        .satisfies(error -> assertThat(error.getSuppressed()).hasSize(1))
        .satisfies(error -> assertThat(error.getSuppressed()[0]).hasMessage("of the body"));
    assertThat(Hazmat.currentTask().cancelStatus()).isSameAs(status);
    Testing.waitAllTasksBlocked();
    assertThat(OpensANursery.LOG).hasSize(3);
    RunStatistics after = Hazmat.currentRun().statistics();
    assertThat(after.tasksLiving()).isEqualTo(before.tasksLiving());
    assertThat(after.cancelStatuses()).isEqualTo(before.cancelStatuses());
  }

  @TrefoilTest(backends = Backend.CONTINUATION)
  @Tag("T6")
  @Tag("T20")
  void whatHasHappenedIsNoFailureWhereTheTaskCannotSuspend() {
    CancelStatus status = Hazmat.currentTask().cancelStatus();
    int before = Hazmat.currentRun().statistics().cancelStatuses();
    assertThat(EndsANurseryWithoutTasks.ERROR).isNull();
    assertThat(Hazmat.currentTask().cancelStatus()).isSameAs(status);
    assertThat(Hazmat.currentRun().statistics().cancelStatuses()).isEqualTo(before);
    Hazmat.yieldBriefly();
  }

  @TrefoilTest(backends = Backend.VIRTUAL_THREAD)
  @Tag("R41")
  void virtualThreadMayParkInAStaticInitializer() {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                Testing.waitAllTasksBlocked();
                LOT.unpark(dev.trefoil.hazmat.Outcome.of("woken"));
              });
          assertThat(ParksOnAThread.VALUE).isEqualTo("woken");
        });
  }
}
