package dev.trefoil.tests.observation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.CancelStatus;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.RunningCode;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import dev.trefoil.tests.hazmat.KernelLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** What instruments learn of deadlines and of blocked runs, and what can be seen from outside. */
@Tag("T86")
@Timeout(60)
final class HooksTest {
  private final List<String> log = new ArrayList<>();
  private final BlockingTask blocking = new BlockingTask();

  private final Instrument deadlines =
      new Instrument() {
        @Override
        public void deadlineFired(CancelStatus status) {
          log.add(status.reason().source() + " of " + status.owner());
        }
      };

  @TrefoilTest(seeds = 20)
  void instrumentsAreToldOfADeadlineBeforeWhoeverItWakesRuns(MockClock clock) {
    Hazmat.currentRun().addInstrument(deadlines);
    CancelScope scope = CancelScope.withTimeout(Duration.ofSeconds(1));
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                scope.run(Trefoil::sleepForever);
                log.add("woken");
              });
          Testing.waitAllTasksBlocked();
          clock.jump(Duration.ofSeconds(2));
        });
    assertThat(log).containsExactly("DEADLINE of " + scope, "woken");
  }

  @TrefoilTest
  void aDeadlineThatAScopeNoticesItselfCountsAndOtherCancelsDoNot(MockClock clock) {
    Hazmat.currentRun().addInstrument(deadlines);
    CancelScope scope = CancelScope.withTimeout(Duration.ofSeconds(1));
    scope.run(
        () -> {
          clock.jump(Duration.ofSeconds(1));
          assertThat(scope.cancelCalled()).isTrue();
        });
    assertThat(log).containsExactly("DEADLINE of " + scope);
    CancelScope explicit = CancelScope.create();
    explicit.run(() -> explicit.cancel());
    assertThat(log).hasSize(1);
  }

  @TrefoilTest
  void anInstrumentThatFailsInTheHookIsRemovedAndTheDeadlineCounts(MockClock clock) {
    try (KernelLog kernelLog = KernelLog.capture()) {
      Hazmat.currentRun()
          .addInstrument(
              new Instrument() {
                @Override
                public void deadlineFired(CancelStatus status) {
                  log.add("called");
                  throw new IllegalArgumentException("bad hook");
                }
              });
      for (int i = 0; i < 2; i++) {
        CancelScope scope = CancelScope.withTimeout(Duration.ofSeconds(1));
        scope.run(
            () -> {
              clock.jump(Duration.ofSeconds(1));
              Trefoil.sleepForever();
            });
        assertThat(scope.cancelledCaught()).isTrue();
      }
      assertThat(log).containsExactly("called");
      assertThat(kernelLog.thrown()).singleElement().asString().contains("bad hook");
    }
  }

  // ---- blocked runs

  @EveryBackend
  void instrumentsAreToldWhatBlocksTheRunWhileItDoes(RunOptions options) throws Exception {
    CompletableFuture<RunningCode> told = new CompletableFuture<>();
    CompletableFuture<Run> run = new CompletableFuture<>();
    Instrument instrument =
        new Instrument() {
          @Override
          public void runBlocked(Run blocked, RunningCode code, long nanos) {
            if (nanos >= 10_000_000) {
              run.complete(blocked);
              told.complete(code);
              blocking.release();
            }
          }
        };
    try (KernelLog kernelLog = KernelLog.capture()) {
      Trefoil.run(
          options.withInstrument(instrument).withBlockedWarningAfter(Duration.ofMillis(20)),
          () -> {
            Nursery.open(nursery -> nursery.spawn("hog", blocking::block));
            assertThat(run.get(0, TimeUnit.SECONDS)).isSameAs(Hazmat.currentRun());
          });
      RunningCode code = told.get(0, TimeUnit.SECONDS);
      assertThat(code.description()).contains("'hog'");
      assertThat(code.task()).isNotNull();
      assertThat(code.task().name()).isEqualTo("hog");
      assertThat(code.stack()).extracting(StackTraceElement::getMethodName).contains("block");
      assertThat(kernelLog.messages()).anySatisfy(text -> assertThat(text).contains("'hog'"));
    }
  }

  @EveryBackend
  void aHookThatFailsOnTheWatchdogsThreadIsLoggedAndRemoved(RunOptions options) {
    Instrument instrument =
        new Instrument() {
          @Override
          public void runBlocked(Run blocked, RunningCode code, long nanos) {
            blocking.release();
            throw new IllegalArgumentException("bad hook");
          }
        };
    try (KernelLog kernelLog = KernelLog.capture()) {
      Trefoil.run(
          options.withInstrument(instrument).withBlockedWarningAfter(Duration.ofMillis(20)),
          () -> {
            blocking.block();
            while (kernelLog.thrown().isEmpty()) {
              Hazmat.yieldBriefly();
            }
            boolean installed = true;
            while (installed) {
              Hazmat.yieldBriefly();
              installed = isInstalled(instrument);
            }
          });
      assertThat(kernelLog.thrown()).singleElement().asString().contains("bad hook");
    }
  }

  /** Removing an absent instrument is an error, which tells. */
  private static boolean isInstalled(Instrument instrument) {
    try {
      Hazmat.currentRun().removeInstrument(instrument);
      Hazmat.currentRun().addInstrument(instrument);
      return true;
    } catch (java.util.NoSuchElementException absent) {
      return false;
    }
  }

  // ---- seen from outside

  @EveryBackend
  void runningCodeCanBeSeenFromAnyThread(RunOptions options) throws Exception {
    CompletableFuture<Run> run = new CompletableFuture<>();
    CompletableFuture<RunningCode> seen =
        run.thenApplyAsync(
            blocked -> {
              blocking.awaitBlocking();
              try {
                return blocked.runningCode();
              } finally {
                blocking.release();
              }
            });
    Run ended =
        Trefoil.run(
            options,
            () -> {
              run.complete(Hazmat.currentRun());
              blocking.block();
              return Hazmat.currentRun();
            });
    RunningCode code = seen.get(30, TimeUnit.SECONDS);
    assertThat(code.task().id()).isEqualTo(1);
    assertThat(code.stack()).extracting(StackTraceElement::getMethodName).contains("block");
    assertThat(code.stack())
        .extracting(StackTraceElement::getClassName)
        .noneMatch(name -> name.startsWith("dev.trefoil.kernel"));
    assertThat(ended.runningCode()).as("of a run that is over").isNull();
  }

  @EveryBackend
  void anEntryCallIsSeenAsNoTasksCode(RunOptions options) throws Exception {
    CompletableFuture<Run> run = new CompletableFuture<>();
    CompletableFuture<RunningCode> seen =
        run.thenApplyAsync(
            blocked -> {
              blocking.awaitBlocking();
              try {
                return blocked.runningCode();
              } finally {
                blocking.release();
              }
            });
    Trefoil.run(
        options,
        () -> {
          run.complete(Hazmat.currentRun());
          Hazmat.currentCallSoonThreadAndSignalSafe().callSoonThreadAndSignalSafe(blocking::block);
          Testing.waitAllTasksBlocked();
        });
    RunningCode code = seen.get(30, TimeUnit.SECONDS);
    assertThat(code.task()).isNull();
    assertThat(code.description()).contains("entry queue");
    assertThat(code.stack()).extracting(StackTraceElement::getMethodName).contains("block");
  }
}
