package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.TaskAction;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskLocal;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Mistakes get errors that say what was expected, what came, and what to do. */
class WrongUseTest {
  private static final Body<Object, RuntimeException> NO_BODY = null;
  private static final Action<RuntimeException> NO_ACTION = null;

  private static void assertNullRefused(ThrowingCallable use, String what) {
    assertThatThrownBy(use)
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining(what)
        .hasMessageContaining("expected");
  }

  @Test
  @Tag("T1")
  void aRunWithoutABodyIsRefused() {
    assertNullRefused(() -> Trefoil.run(NO_BODY), "main");
    assertNullRefused(() -> Trefoil.run(NO_ACTION), "main");
    assertNullRefused(() -> Trefoil.run(RunOptions.defaults(), NO_BODY), "main");
    assertNullRefused(() -> Trefoil.run(null, () -> "body"), "options");
    assertThat(Hazmat.inRun()).isFalse();
  }

  @TrefoilTest
  @Tag("T6")
  @Tag("T7")
  @Tag("T8")
  void nurseriesAndTasksWithoutABodyAreRefusedAndTheNurseryGoesOn() {
    assertNullRefused(() -> Nursery.open(null), "body");
    assertNullRefused(() -> Nursery.call(null), "body");
    Callable<Object> noCallable = null;
    TaskAction noAction = null;
    Nursery.open(
        nursery -> {
          assertNullRefused(() -> nursery.spawn(noCallable), "body");
          assertNullRefused(() -> nursery.spawn(noAction), "body");
          assertNullRefused(() -> nursery.spawn("name", noCallable), "body");
          assertNullRefused(() -> nursery.spawn("name", noAction), "body");
          assertNullRefused(() -> nursery.start(null), "body");
          Hazmat.yieldBriefly();
        });
    assertThat(Hazmat.currentRun().statistics().tasksLiving()).isEqualTo(1);
  }

  @TrefoilTest
  @Tag("T12")
  @Tag("T21")
  @Tag("T22")
  void scopesWithoutABodyAreRefusedAndStayUnused() {
    CancelScope scope = CancelScope.create();
    assertNullRefused(() -> scope.run(NO_BODY), "body");
    assertNullRefused(() -> scope.run(NO_ACTION), "body");
    assertThat(scope.<String, RuntimeException>run(() -> "still unused")).isEqualTo("still unused");
    assertNullRefused(() -> CancelScope.moveOnAfter(Duration.ZERO, null), "body");
    assertNullRefused(() -> CancelScope.moveOnAt(0, null), "body");
    assertNullRefused(() -> CancelScope.failAfter(Duration.ZERO, NO_BODY), "body");
    assertNullRefused(() -> CancelScope.failAfter(Duration.ZERO, NO_ACTION), "body");
    assertNullRefused(() -> CancelScope.failAt(0, NO_BODY), "body");
    assertNullRefused(() -> CancelScope.failAt(0, NO_ACTION), "body");
    assertNullRefused(() -> TaskLocal.create().callWith("value", NO_BODY), "body");
  }

  @TrefoilTest
  @Tag("T12")
  @Tag("T15")
  @Tag("T21")
  @Tag("T22")
  @Tag("T23")
  void missingDurationsAreRefused() {
    assertNullRefused(() -> CancelScope.withTimeout(null), "timeout");
    assertNullRefused(() -> CancelScope.withTimeout(Duration.ZERO).setTimeout(null), "timeout");
    assertNullRefused(() -> CancelScope.moveOnAfter(null, Hazmat::yieldBriefly), "timeout");
    assertNullRefused(() -> CancelScope.failAfter(null, Hazmat::yieldBriefly), "timeout");
    assertNullRefused(() -> Trefoil.sleep(null), "duration");
  }

  @Test
  @Tag("T6")
  @Tag("T12")
  @Tag("T36")
  void outsideARunNothingIsOpenedAndTheErrorNamesTheWayIn() {
    assertOutside(() -> Nursery.open(nursery -> {}));
    assertOutside(() -> CancelScope.moveOnAfter(Duration.ZERO, Hazmat::yieldBriefly));
    assertOutside(() -> CancelScope.failAfter(Duration.ZERO, Hazmat::yieldBriefly));
    assertOutside(() -> Trefoil.closeForcefully(() -> {}));
    CancelScope scope = CancelScope.create();
    assertOutside(() -> scope.run(Hazmat::yieldBriefly));
    Trefoil.run(
        () -> {
          scope.run(Hazmat::yieldBriefly);
        });
  }

  private static void assertOutside(ThrowingCallable use) {
    assertThatThrownBy(use)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run")
        .hasMessageContaining("Trefoil.run")
        .hasMessageContaining("EntryPoint");
  }

  @TrefoilTest
  @Tag("T7")
  @Tag("T13")
  @Tag("T14")
  @Tag("T16")
  void foreignThreadsAreRefusedWithTheWayInAndChangeNothing() throws Exception {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery ->
            scope.run(
                () -> {
                  assertRefusedElsewhere(scope::cancel);
                  assertRefusedElsewhere(() -> scope.setDeadline(0));
                  assertRefusedElsewhere(() -> scope.setShield(true));
                  assertRefusedElsewhere(() -> nursery.spawn(Hazmat::yieldBriefly));
                  assertRefusedElsewhere(() -> nursery.start(status -> status.started()));
                  assertThat(nursery.childTasks()).isEmpty();
                  assertThat(scope.shield()).isFalse();
                  assertThat(scope.deadline()).isEqualTo(Long.MAX_VALUE);
                  Hazmat.yieldBriefly();
                }));
    assertThat(scope.cancelCalled()).isFalse();
  }

  private static void assertRefusedElsewhere(ThrowingCallable use) throws Exception {
    FutureTask<Object> foreign =
        new FutureTask<>(
            () ->
                assertThatThrownBy(use)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("EntryPoint"));
    Thread.ofPlatform().start(foreign);
    foreign.get(30, TimeUnit.SECONDS);
  }

  @TrefoilTest
  @Tag("T6")
  @Tag("T12")
  @Tag("T23")
  void codeThatTheRunItselfCallsCannotWaitAndIsToldToSpawnATask() {
    Nursery.open(
        nursery -> {
          CancelScope unused = CancelScope.create();
          Hazmat.currentCallSoonThreadAndSignalSafe()
              .callSoonThreadAndSignalSafe(
                  () -> {
                    assertNoTaskHere(() -> Trefoil.sleep(Duration.ZERO));
                    assertNoTaskHere(Trefoil::sleepForever);
                    assertNoTaskHere(() -> Nursery.open(inner -> {}));
                    assertNoTaskHere(() -> unused.run(() -> {}));
                    nursery.cancelScope().cancel();
                  });
          Trefoil.sleepForever();
        });
    Hazmat.yieldBriefly();
  }

  @TrefoilTest
  @Tag("T12")
  void aScopeThatCouldNotBeEnteredLeavesNothingBehind() {
    int before = Hazmat.currentRun().statistics().cancelStatuses();
    CancelScope sleepers = CancelScope.create();
    CancelScope unused = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  sleepers.run(
                      () ->
                          Hazmat.<Object>yieldIndefinitely(
                              raiseCancel -> {
                                assertNoTaskHere(() -> unused.run(() -> {}));
                                assertNoTaskHere(() -> Nursery.open(inner -> {}));
                                return Abort.SUCCEEDED;
                              })));
          Testing.waitAllTasksBlocked();
          CancelScope.create().run(() -> sleepers.cancel());
        });
    assertThat(sleepers.cancelledCaught()).isTrue();
    assertThat(Hazmat.currentRun().statistics().cancelStatuses()).isEqualTo(before);
    unused.run(Hazmat::yieldBriefly);
  }

  private static void assertNoTaskHere(ThrowingCallable use) {
    assertThatThrownBy(use)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Spawn a task");
  }
}
