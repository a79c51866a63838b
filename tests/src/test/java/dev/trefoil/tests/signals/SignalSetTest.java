package dev.trefoil.tests.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ResourceBusy;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.signals.Ignored;
import dev.trefoil.signals.Signal;
import dev.trefoil.signals.SignalSet;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.GuestRun;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import dev.trefoil.tests.hazmat.KernelLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class SignalSetTest {
  private final SignalSet set = new SignalSet(Signal.USR1, Signal.WINCH, Signal.CONT);
  private final List<Object> log = new ArrayList<>();

  private void spawnWaiter(Nursery nursery, SignalSet waitedFor) {
    nursery.spawn(
        () -> {
          log.add(waitedFor.await());
        });
    Testing.waitAllTasksBlocked();
  }

  // ---- making

  @EveryBackend
  @Tag("R179")
  void newSetWatchesNothing(RunOptions options) throws Exception {
    SignalSet made = new SignalSet(Signal.USR1);
    try (OwnHandler own = new OwnHandler("USR1")) {
      Trefoil.run(
          options,
          () -> {
            new SignalSet(Signal.USR1);
            Kill.thisProcess("USR1");
            assertThat(own.isCalled()).isTrue();
          });
    }
    assertThat(made).hasToString("SignalSet[SIGUSR1]");
  }

  @Test
  @Tag("R179")
  void setWithoutSignalsIsRefused() {
    assertThatThrownBy(SignalSet::new)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("at least one signal", "none");
    assertThatThrownBy(() -> new SignalSet(Signal.HUP, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("null among them");
  }

  // ---- open

  @TrefoilTest
  @Tag("R180")
  @Tag("R181")
  void openSetKeepsSignalsInOrderOfArrival() throws Exception {
    try (SignalSet opened = set.open()) {
      assertThat(opened).isSameAs(set);
      List<Signal> sent = List.of(Signal.CONT, Signal.USR1, Signal.WINCH, Signal.USR1);
      for (Signal signal : sent) {
        Arrival.of(signal);
      }
      assertThat(List.of(set.await(), set.await(), set.await(), set.await())).isEqualTo(sent);
    }
  }

  @TrefoilTest(seeds = 5)
  @Tag("R181")
  void waiterGetsTheNextSignalAndLaterOnesAreKept() throws Exception {
    Nursery.open(
        nursery -> {
          try (SignalSet opened = set.open()) {
            spawnWaiter(nursery, opened);
            Arrival.of(Signal.WINCH);
            Arrival.of(Signal.USR1);
            Testing.waitAllTasksBlocked();
            assertThat(log).containsExactly(Signal.WINCH);
            assertThat(opened.await()).isEqualTo(Signal.USR1);
          }
        });
  }

  @TrefoilTest
  @Tag("R180")
  void eachOfSeveralSetsGetsACopy() throws Exception {
    SignalSet other = new SignalSet(Signal.USR1);
    try (SignalSet first = set.open();
        SignalSet second = other.open()) {
      Arrival.of(Signal.USR1);
      assertThat(first.await()).isEqualTo(Signal.USR1);
      assertThat(second.await()).isEqualTo(Signal.USR1);
    }
  }

  @EveryBackend
  @Tag("R180")
  void setsOfSeveralRunsGetACopyEach(RunOptions options) throws Exception {
    CompletableFuture<Void> opened = new CompletableFuture<>();
    CompletableFuture<Signal> got = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      try (SignalSet own = new SignalSet(Signal.USR1).open()) {
                        opened.complete(null);
                        got.complete(own.await());
                      }
                    }));
    opened.get(30, TimeUnit.SECONDS);
    Trefoil.run(options, () -> Arrival.of(Signal.USR1));
    assertThat(got.get(30, TimeUnit.SECONDS)).isEqualTo(Signal.USR1);
  }

  @TrefoilTest
  @Tag("R180")
  void closingDropsWhatNobodyHasTaken() throws Exception {
    try (OwnHandler own = new OwnHandler("USR1")) {
      set.open();
      Arrival.of(Signal.USR1);
      set.close();
      set.close();
      try (SignalSet again = set.open()) {
        Arrival.of(Signal.WINCH);
        assertThat(again.await()).isEqualTo(Signal.WINCH);
      }
      assertThat(own.calls()).isZero();
    }
  }

  @TrefoilTest
  @Tag("R180")
  void handlerBeforeIsBackWhenTheLastSetIsClosed() throws Exception {
    SignalSet other = new SignalSet(Signal.USR1);
    try (OwnHandler own = new OwnHandler("USR1")) {
      set.whileOpen(
          () -> {
            other.open();
            Arrival.of(Signal.USR1);
          });
      Arrival.of(Signal.USR1);
      assertThat(own.calls()).isZero();
      other.close();
      Kill.thisProcess("USR1");
      assertThat(own.isCalled()).isTrue();
    }
  }

  @TrefoilTest
  @Tag("R180")
  void handlerBeforeIsBackWhenTheBodyFails() throws Exception {
    try (OwnHandler own = new OwnHandler("USR1")) {
      assertThatThrownBy(
              () ->
                  set.whileOpen(
                      () -> {
                        throw new IOException("body");
                      }))
          .isInstanceOf(IOException.class)
          .hasMessage("body");
      Kill.thisProcess("USR1");
      assertThat(own.isCalled()).isTrue();
    }
  }

  @TrefoilTest
  @Tag("R180")
  void whileOpenReturnsWhatItsBodyReturns() throws Exception {
    Signal got =
        set.whileOpen(
            () -> {
              Arrival.of(Signal.USR1);
              return set.await();
            });
    assertThat(got).isEqualTo(Signal.USR1);
  }

  @TrefoilTest
  @Tag("R180")
  void openingTwiceAtATimeIsRefused() throws Exception {
    try (SignalSet opened = set.open()) {
      assertThatThrownBy(set::open)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("SIGUSR1", "closed", "make one for each block");
      Arrival.of(Signal.USR1);
      assertThat(opened.await()).isEqualTo(Signal.USR1);
    }
  }

  @TrefoilTest
  @Tag("R180")
  void openingAndClosingAreNoCheckpoints() {
    Checkpoints.assertNoCheckpoints(
        () -> {
          set.open();
          set.close();
          set.ignore().close();
        });
  }

  @TrefoilTest
  @Tag("R180")
  void setOfWhichOneSignalIsHeldByTheJvmWatchesNone() throws Exception {
    SignalSet impossible = new SignalSet(Signal.USR1, Signal.of("SEGV"));
    try (OwnHandler own = new OwnHandler("USR1")) {
      assertThatThrownBy(impossible::open)
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContainingAll("SIGSEGV", "held by the JVM");
      assertThatThrownBy(impossible::ignore).isInstanceOf(UnsupportedOperationException.class);
      Checkpoints.assertCheckpoints(
          () ->
              assertThatThrownBy(impossible::await)
                  .isInstanceOf(UnsupportedOperationException.class));
      Kill.thisProcess("USR1");
      assertThat(own.isCalled()).isTrue();
    }
  }

  @EveryBackend
  @Tag("R180")
  void setThatIsLeftOpenIsClosedByTheEndOfItsRun(RunOptions options) throws Exception {
    try (OwnHandler own = new OwnHandler("USR1")) {
      Trefoil.run(options, () -> set.open());
      Kill.thisProcess("USR1");
      assertThat(own.isCalled()).isTrue();
      Trefoil.run(
          options,
          () -> {
            try (SignalSet again = set.open()) {
              Arrival.of(Signal.USR1);
              assertThat(again.await()).isEqualTo(Signal.USR1);
            }
          });
    }
  }

  @EveryBackend
  @Tag("R180")
  @Tag("R182")
  void setThatWasWaitedForInARunThatItsHostHasAbandonedIsClosed(RunOptions options)
      throws Exception {
    try (OwnHandler own = new OwnHandler("USR1")) {
      abandonARunThatWaits(options);
      Trefoil.run(
          options,
          () -> {
            set.open();
            Arrival.of(Signal.USR1);
            assertThat(set.await()).isEqualTo(Signal.USR1);
            set.close();
            Kill.thisProcess("USR1");
            assertThat(own.isCalled()).isTrue();
          });
    }
  }

  private void abandonARunThatWaits(RunOptions options) throws Exception {
    CountDownLatch abandoned = new CountDownLatch(1);
    CompletableFuture<Void> waits = new CompletableFuture<>();
    try (ExecutorService host = Executors.newSingleThreadExecutor();
        KernelLog _ = KernelLog.capture(message -> abandoned.countDown())) {
      GuestRun guest =
          host.submit(
                  () ->
                      Trefoil.startGuest(
                          options,
                          host,
                          () -> {
                            Hazmat.spawnSystemTask(
                                "announcer",
                                () -> {
                                  Testing.waitAllTasksBlocked();
                                  waits.complete(null);
                                  return null;
                                });
                            return set.await();
                          },
                          outcome -> {}))
              .get(30, TimeUnit.SECONDS);
      waits.get(30, TimeUnit.SECONDS);
      host.shutdown();
      assertThat(host.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
      guest.cancel("not heard");
      assertThat(abandoned.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  // ---- wait

  @TrefoilTest(seeds = 5)
  @Tag("R181")
  void awaitIsACheckpointWhetherItWaitsOrNot() throws Exception {
    Nursery.open(
        nursery -> {
          try (SignalSet opened = set.open()) {
            nursery.spawn(() -> Checkpoints.assertCheckpoints(opened::await));
            Testing.waitAllTasksBlocked();
            Arrival.of(Signal.USR1);
            Arrival.of(Signal.USR1);
            Checkpoints.assertCheckpoints(opened::await);
          }
        });
  }

  @TrefoilTest(seeds = 5)
  @Tag("R181")
  void cancelledWaitTakesNoSignal() throws Exception {
    try (SignalSet opened = set.open()) {
      CancelScope scope = CancelScope.create();
      scope.run(
          () -> {
            Nursery.open(
                nursery -> {
                  spawnWaiter(nursery, opened);
                  scope.cancel();
                });
          });
      assertThat(log).isEmpty();
      Arrival.of(Signal.USR1);
      CancelScope later = CancelScope.create();
      later.run(
          () -> {
            later.cancel();
            log.add(opened.await());
          });
      assertThat(log).isEmpty();
      assertThat(opened.await()).isEqualTo(Signal.USR1);
    }
  }

  @TrefoilTest(seeds = 5)
  @Tag("R181")
  void secondWaiterIsRefusedAndTheFirstGetsTheSignal() throws Exception {
    Nursery.open(
        nursery -> {
          try (SignalSet opened = set.open()) {
            spawnWaiter(nursery, opened);
            Checkpoints.assertCheckpoints(
                () ->
                    assertThatThrownBy(opened::await)
                        .isInstanceOf(ResourceBusy.class)
                        .hasMessageContainingAll("Another task", "SIGUSR1", "copy"));
            Arrival.of(Signal.CONT);
            Testing.waitAllTasksBlocked();
            assertThat(log).containsExactly(Signal.CONT);
          }
        });
  }

  @TrefoilTest(seeds = 5)
  @Tag("R180")
  @Tag("R181")
  void closingWakesTheWaiter() throws Exception {
    Nursery.open(
        nursery -> {
          set.open();
          nursery.spawn(
              () -> {
                assertThatThrownBy(set::await)
                    .isInstanceOf(ClosedResource.class)
                    .hasMessageContainingAll("SIGUSR1", "closed");
                log.add("woken");
              });
          Testing.waitAllTasksBlocked();
          set.close();
        });
    assertThat(log).containsExactly("woken");
  }

  // ---- wait outside the block

  @TrefoilTest(seeds = 5)
  @Tag("R182")
  void awaitOfAClosedSetWatchesDuringTheCallOnly() throws Exception {
    try (OwnHandler own = new OwnHandler("USR1")) {
      Nursery.open(
          nursery -> {
            spawnWaiter(nursery, set);
            Arrival.of(Signal.USR1);
            Testing.waitAllTasksBlocked();
            assertThat(log).containsExactly(Signal.USR1);
            assertThat(own.calls()).isZero();
            Kill.thisProcess("USR1");
            assertThat(own.isCalled()).isTrue();
            spawnWaiter(nursery, set);
            Arrival.of(Signal.WINCH);
          });
    }
    assertThat(log).containsExactly(Signal.USR1, Signal.WINCH);
  }

  @TrefoilTest(seeds = 5)
  @Tag("R182")
  void ofTwoSignalsThatComeDuringTheCallOneIsReturnedAndTheOtherHasItsEffect() throws Exception {
    SignalSet two = new SignalSet(Signal.USR1, Signal.WINCH);
    try (OwnHandler ownUsr1 = new OwnHandler("USR1");
        OwnHandler ownWinch = new OwnHandler("WINCH")) {
      Nursery.open(
          nursery -> {
            spawnWaiter(nursery, two);
            Kill.thisProcess("USR1");
            Kill.thisProcess("WINCH");
          });
      assertThat(log).hasSize(1);
      boolean tookUsr1 = log.getFirst().equals(Signal.USR1);
      assertThat((tookUsr1 ? ownWinch : ownUsr1).isCalled()).isTrue();
      assertThat((tookUsr1 ? ownUsr1 : ownWinch).calls()).isZero();
    }
  }

  @TrefoilTest(seeds = 5)
  @Tag("R182")
  void cancelledCallPutsTheHandlerBeforeBack() throws Exception {
    try (OwnHandler own = new OwnHandler("USR1")) {
      CancelScope scope = CancelScope.create();
      scope.run(
          () ->
              Nursery.open(
                  nursery -> {
                    spawnWaiter(nursery, set);
                    scope.cancel();
                  }));
      assertThat(log).isEmpty();
      Kill.thisProcess("USR1");
      assertThat(own.isCalled()).isTrue();
    }
  }

  @TrefoilTest(seeds = 5)
  @Tag("R182")
  void duringTheCallTheSetCanNeitherBeOpenedNorWaitedFor() throws Exception {
    Nursery.open(
        nursery -> {
          spawnWaiter(nursery, set);
          assertThatThrownBy(set::open)
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContainingAll("SIGUSR1", "waits for it");
          assertThatThrownBy(set::await).isInstanceOf(ResourceBusy.class);
          set.close();
          Arrival.of(Signal.USR1);
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly(Signal.USR1);
          set.open();
          set.close();
        });
  }

  // ---- ignore

  @TrefoilTest
  @Tag("R183")
  void ignoredSignalsHaveNoEffectAndAreNotKept() throws Exception {
    try (OwnHandler own = new OwnHandler("USR1");
        SignalSet opened = set.open()) {
      try (Ignored ignored = new SignalSet(Signal.USR1).ignore()) {
        assertThat(ignored).hasToString("ignoring SignalSet[SIGUSR1]");
        Arrival.of(Signal.USR1);
        Arrival.of(Signal.WINCH);
        assertThat(opened.await()).isEqualTo(Signal.WINCH);
      }
      Arrival.of(Signal.USR1);
      assertThat(opened.await()).isEqualTo(Signal.USR1);
      assertThat(own.calls()).isZero();
    }
  }

  @TrefoilTest
  @Tag("R183")
  void handlerBeforeIsBackAfterIgnoringAlsoAfterErrors() throws Exception {
    try (OwnHandler own = new OwnHandler("USR1")) {
      String result =
          set.whileIgnored(
              () -> {
                Arrival.of(Signal.USR1);
                return "result";
              });
      assertThat(result).isEqualTo("result");
      assertThatThrownBy(
              () ->
                  set.whileIgnored(
                      () -> {
                        throw new IOException("body");
                      }))
          .isInstanceOf(IOException.class);
      assertThat(own.calls()).isZero();
      Kill.thisProcess("USR1");
      assertThat(own.isCalled()).isTrue();
    }
  }

  // ---- wrong places

  @Test
  @Tag("R180")
  @Tag("R181")
  @Tag("R183")
  void outsideARunItIsRefused() {
    assertThatThrownBy(set::open)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
    assertThatThrownBy(set::await)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
    assertThatThrownBy(set::ignore)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
  }

  @TrefoilTest
  @Tag("R180")
  void otherRunIsRefusedWhileTheFirstLasts() throws Exception {
    try (SignalSet opened = set.open()) {
      CompletableFuture<Void> elsewhere =
          CompletableFuture.runAsync(
              () ->
                  Trefoil.run(
                      () -> {
                        assertThatThrownBy(opened::open)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContainingAll("belongs to", "Make one for each run");
                        assertThatThrownBy(opened::await).hasMessageContaining("belongs to");
                        assertThatThrownBy(opened::close).hasMessageContaining("belongs to");
                      }));
      elsewhere.get(30, TimeUnit.SECONDS);
      Arrival.of(Signal.USR1);
      assertThat(opened.await()).isEqualTo(Signal.USR1);
    }
  }

  @TrefoilTest
  @Tag("R180")
  void signalThatTheSystemDoesNotHaveIsRefused() {
    SignalSet unknown = new SignalSet(Signal.of("CLOVER"));
    assertThatThrownBy(unknown::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CLOVER");
  }
}
