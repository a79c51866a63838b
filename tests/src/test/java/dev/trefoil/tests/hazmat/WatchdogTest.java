package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The report about code that blocks a run; here it blocks until it has been reported. */
final class WatchdogTest {
  private static final Duration LIMIT = Duration.ofMillis(20);

  private final CountDownLatch reported = new CountDownLatch(1);

  private Void blockUntilReported() {
    try {
      assertThat(reported.await(60, TimeUnit.SECONDS)).as("reported").isTrue();
    } catch (InterruptedException unexpected) {
      throw new AssertionError(unexpected);
    }
    return null;
  }

  private KernelLog captureAndRelease() {
    return KernelLog.capture(
        message -> {
          if (message.contains("blockUntilReported")) {
            reported.countDown();
          }
        });
  }

  @EveryBackend
  @Tag("R50")
  void taskThatBlocksTheRunIsReportedWithItsNameAndStack(RunOptions options) {
    try (KernelLog log = captureAndRelease()) {
      Trefoil.run(
          options.withBlockedWarningAfter(LIMIT),
          () -> Nursery.open(nursery -> nursery.spawn("hog", this::blockUntilReported)));
      assertThat(log.messages())
          .anySatisfy(
              message ->
                  assertThat(message)
                      .contains("'hog'", "run-", "ms", "blockUntilReported", "WatchdogTest"));
    }
  }

  @EveryBackend
  @Tag("R13")
  @Tag("R50")
  void entryCallThatBlocksTheRunIsReported(RunOptions options) {
    try (KernelLog log = captureAndRelease()) {
      Trefoil.run(
          options.withBlockedWarningAfter(LIMIT),
          () -> {
            Hazmat.currentCallSoonThreadAndSignalSafe()
                .callSoonThreadAndSignalSafe(() -> blockUntilReported());
            Testing.waitAllTasksBlocked();
          });
      assertThat(log.messages())
          .anySatisfy(message -> assertThat(message).contains("entry queue", "blockUntilReported"));
    }
  }

  @EveryBackend
  @Tag("R50")
  void exitListenerThatBlocksTheRunIsReported(RunOptions options) {
    try (KernelLog log = captureAndRelease()) {
      Trefoil.run(
          options.withBlockedWarningAfter(LIMIT),
          () ->
              Nursery.open(
                  nursery ->
                      nursery
                          .spawn("ending", () -> null)
                          .addExitListener(ended -> blockUntilReported())));
      assertThat(log.messages())
          .anySatisfy(
              message -> assertThat(message).contains("exit listener", "blockUntilReported"));
    }
  }

  @EveryBackend
  @Tag("R41")
  @Tag("R50")
  void abortFunctionThatBlocksTheRunIsReportedWithTheTaskItWasToWake(RunOptions options) {
    try (KernelLog log = captureAndRelease()) {
      Trefoil.run(
          options.withBlockedWarningAfter(LIMIT),
          () ->
              Nursery.open(
                  nursery ->
                      nursery.spawn(
                          "sleeper",
                          () ->
                              CancelScope.moveOnAfter(
                                  Duration.ofMillis(1),
                                  () ->
                                      Hazmat.<Object>yieldIndefinitely(
                                          raiseCancel -> {
                                            blockUntilReported();
                                            return Abort.SUCCEEDED;
                                          })))));
      assertThat(log.messages())
          .anySatisfy(
              message ->
                  assertThat(message)
                      .contains("abort function", "'sleeper'", "blockUntilReported"));
    }
  }

  @EveryBackend
  @Tag("R41")
  @Tag("R50")
  void abortFunctionOfATaskThatIsCancelledAsItFallsAsleepIsReported(RunOptions options) {
    try (KernelLog log = captureAndRelease()) {
      Trefoil.run(
          options.withBlockedWarningAfter(LIMIT),
          () -> {
            CancelScope scope = CancelScope.create();
            scope.cancel();
            scope.run(
                () ->
                    Hazmat.<Object>yieldIndefinitely(
                        raiseCancel -> {
                          blockUntilReported();
                          return Abort.SUCCEEDED;
                        }));
          });
      assertThat(log.messages())
          .anySatisfy(
              message ->
                  assertThat(message).contains("abort function", "'main'", "blockUntilReported"));
    }
  }

  @EveryBackend
  @Tag("R50")
  @Tag("T3")
  void instrumentThatBlocksTheRunIsReported(RunOptions options) {
    Instrument instrument =
        new Instrument() {
          @Override
          public void beforeTaskStep(Task<?> task) {
            blockUntilReported();
          }
        };
    try (KernelLog log = captureAndRelease()) {
      Trefoil.run(
          options.withBlockedWarningAfter(LIMIT).withInstrument(instrument), Hazmat::yieldBriefly);
      assertThat(log.messages())
          .anySatisfy(message -> assertThat(message).contains("nstrument", "blockUntilReported"));
    }
  }

  @EveryBackend
  @Tag("R50")
  @Tag("T3")
  void instrumentThatBlocksTheStepAfterATasksEndIsReported(RunOptions options) {
    Instrument instrument =
        new Instrument() {
          @Override
          public void beforeTaskStep(Task<?> task) {
            if (task.name().equals("second")) {
              blockUntilReported();
            }
          }
        };
    try (KernelLog log = captureAndRelease()) {
      Trefoil.run(
          options.withBlockedWarningAfter(LIMIT).withInstrument(instrument),
          () ->
              Nursery.open(
                  nursery -> {
                    nursery.spawn("first", () -> null);
                    nursery.spawn("second", () -> null);
                  }));
      assertThat(log.messages())
          .anySatisfy(message -> assertThat(message).contains("nstrument", "blockUntilReported"));
    }
  }

  @EveryBackend
  @Tag("R50")
  void logThatTakesItsTimeKeepsNoRun(RunOptions options) throws Exception {
    CountDownLatch runsEnded = new CountDownLatch(1);
    CompletableFuture<Boolean> endedMeanwhile = new CompletableFuture<>();
    try (KernelLog _ =
        KernelLog.capture(
            message -> {
              if (message.contains("blockUntilReported")) {
                reported.countDown();
                endedMeanwhile.complete(hasCome(runsEnded));
              }
            })) {
      Trefoil.run(options.withBlockedWarningAfter(LIMIT), this::blockUntilReported);
      Trefoil.run(options.withBlockedWarningAfter(LIMIT), () -> null);
      runsEnded.countDown();
      assertThat(endedMeanwhile.get(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static boolean hasCome(CountDownLatch latch) {
    try {
      return latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException unexpected) {
      return false;
    }
  }

  @Test
  @Tag("R50")
  void runsInARowNeedNoThreadEach() {
    RunOptions options = RunOptions.defaults().withBackend(Backend.CONTINUATION);
    Trefoil.run(options, () -> null);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long before = threads.getTotalStartedThreadCount();
    for (int i = 0; i < 1_000; i++) {
      Trefoil.run(options, () -> null);
    }
    assertThat(threads.getTotalStartedThreadCount() - before).isLessThan(20);
  }

  @Test
  @Tag("R50")
  void negativeLimitIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunOptions.defaults().withBlockedWarningAfter(Duration.ofSeconds(-1)))
        .withMessageContaining("limit");
  }
}
