package dev.trefoil.tests.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.SignalWatch;
import dev.trefoil.queues.UniversalQueue;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The SPI's part of signals. */
final class SignalWatchTest {
  private final UniversalQueue<String> log = new UniversalQueue<>();

  @TrefoilTest
  @Tag("R193")
  @Tag("R195")
  void tellsTheRunOfEachSignalByAnEntryCall() throws Exception {
    SignalWatch watch =
        Hazmat.watchSignal(
            "USR1",
            () ->
                log.putNowait(
                    Hazmat.currentTask() + " " + KeyboardInterrupts.currentlyProtected()));
    try (watch) {
      for (int i = 0; i < 3; i++) {
        Kill.thisProcess("USR1");
        assertThat(log.get()).contains("entry queue").endsWith("true");
      }
    }
  }

  @TrefoilTest
  @Tag("R193")
  @Tag("R194")
  void isMadeAndClosedWithoutACheckpoint() {
    Checkpoints.assertNoCheckpoints(() -> Hazmat.watchSignal("USR1", () -> {}).close());
    Checkpoints.assertNoCheckpoints(() -> Hazmat.ignoreSignal("USR1").close());
  }

  @TrefoilTest
  @Tag("R193")
  void eachWatchGetsACopy() throws Exception {
    try (SignalWatch _ = Hazmat.watchSignal("USR1", () -> log.putNowait("a"));
        SignalWatch _ = Hazmat.watchSignal("USR1", () -> log.putNowait("b"));
        SignalWatch _ = Hazmat.watchSignal("WINCH", () -> log.putNowait("other"))) {
      Kill.thisProcess("USR1");
      assertThat(log.get()).isEqualTo("a");
      assertThat(log.get()).isEqualTo("b");
      Kill.thisProcess("WINCH");
      assertThat(log.get()).isEqualTo("other");
    }
  }

  @TrefoilTest
  @Tag("R194")
  void lastOneToLeavePutsTheHandlerBeforeBack() throws Exception {
    try (OwnHandler own = new OwnHandler("USR1")) {
      SignalWatch first = Hazmat.watchSignal("USR1", () -> log.putNowait("first"));
      SignalWatch second = Hazmat.watchSignal("USR1", () -> log.putNowait("second"));
      first.close();
      first.close();
      Kill.thisProcess("USR1");
      assertThat(log.get()).isEqualTo("second");
      second.close();
      assertThat(own.calls()).isZero();
      Kill.thisProcess("USR1");
      assertThat(own.isCalled()).isTrue();
    }
  }

  @TrefoilTest
  @Tag("R194")
  void handlerThatTheProgramHasSetMeanwhileStays() throws Exception {
    SignalWatch watch = Hazmat.watchSignal("USR1", () -> log.putNowait("watch"));
    try (OwnHandler own = new OwnHandler("USR1")) {
      watch.close();
      Kill.thisProcess("USR1");
      assertThat(own.isCalled()).isTrue();
    }
  }

  @TrefoilTest
  @Tag("R194")
  void stepsAsideIfTheProgramPutsOurHandlerBackWhenNobodyWatches() throws Exception {
    try (OwnHandler outer = new OwnHandler("USR1")) {
      SignalWatch watch = Hazmat.watchSignal("USR1", () -> log.putNowait("watch"));
      OwnHandler inner = new OwnHandler("USR1");
      watch.close();
      inner.close();
      Kill.thisProcess("USR1");
      assertThat(outer.isCalled()).isTrue();
      assertThat(inner.calls()).isZero();
      try (SignalWatch _ = Hazmat.watchSignal("USR1", () -> log.putNowait("later"))) {
        Kill.thisProcess("USR1");
        assertThat(log.get()).isEqualTo("later");
      }
    }
  }

  @TrefoilTest
  @Tag("R194")
  void handlerThatCallsTheOneBeforeReachesWhatWasThereBeforeTheWatch() throws Exception {
    try (OwnHandler outer = new OwnHandler("USR1")) {
      SignalWatch watch = Hazmat.watchSignal("USR1", () -> log.putNowait("watch"));
      AtomicReference<OwnHandler> inner = new AtomicReference<>();
      inner.set(new OwnHandler("USR1", () -> inner.get().callBefore()));
      Kill.thisProcess("USR1");
      assertThat(log.get()).isEqualTo("watch");
      watch.close();
      Kill.thisProcess("USR1");
      assertThat(outer.isCalled()).isTrue();
      Hazmat.watchSignal("USR1", () -> log.putNowait("another")).close();
      Kill.thisProcess("USR1");
      assertThat(outer.isCalled(2)).isTrue();
      assertThat(inner.get().calls()).isEqualTo(3);
    }
  }

  @TrefoilTest
  @Tag("R194")
  void handlerThatTheProgramHasTakenAwayMeanwhileDoesNotComeBack() throws Exception {
    try (OwnHandler outer = new OwnHandler("USR1")) {
      SignalWatch first = Hazmat.watchSignal("USR1", () -> log.putNowait("first"));
      OwnHandler inner = new OwnHandler("USR1");
      SignalWatch second = Hazmat.watchSignal("USR1", () -> log.putNowait("second"));
      inner.close();
      Kill.thisProcess("USR1");
      assertThat(log.get()).isEqualTo("first");
      assertThat(log.get()).isEqualTo("second");
      second.close();
      Kill.thisProcess("USR1");
      assertThat(log.get()).isEqualTo("first");
      first.close();
      Kill.thisProcess("USR1");
      assertThat(outer.isCalled()).isTrue();
      assertThat(inner.calls()).isZero();
    }
  }

  @TrefoilTest
  @Tag("R193")
  @Tag("R194")
  void newWatchTakesThePlaceOfAHandlerThatTheProgramHasSetMeanwhile() throws Exception {
    SignalWatch outer = Hazmat.watchSignal("USR1", () -> log.putNowait("outer"));
    assertThat(outer).hasToString("watch of SIGUSR1 in " + Hazmat.currentRun());
    try (OwnHandler own = new OwnHandler("USR1")) {
      SignalWatch inner = Hazmat.watchSignal("USR1", () -> log.putNowait("inner"));
      Kill.thisProcess("USR1");
      assertThat(log.get()).isEqualTo("outer");
      assertThat(log.get()).isEqualTo("inner");
      inner.close();
      outer.close();
      Kill.thisProcess("USR1");
      assertThat(own.isCalled()).isTrue();
      assertThat(own.calls()).isEqualTo(1);
    }
  }

  @TrefoilTest
  @Tag("R194")
  void closingTellsOfWhatHasArrivedFirst() throws Exception {
    int[] told = new int[1];
    SignalWatch watch = Hazmat.watchSignal("USR1", () -> told[0]++);
    try (SignalWatch _ = Hazmat.watchSignal("USR1", () -> log.putNowait("arrived"))) {
      // This run is busy here, so another one says when both have been reached.
      CompletableFuture<Void> reached = new CompletableFuture<>();
      CompletableFuture<Void> ready = new CompletableFuture<>();
      Thread.ofPlatform()
          .start(
              () ->
                  Trefoil.run(
                      () -> {
                        SignalWatch last = Hazmat.watchSignal("USR1", () -> reached.complete(null));
                        try (last) {
                          ready.complete(null);
                          while (!reached.isDone()) {
                            Hazmat.yieldBriefly();
                          }
                        }
                      }));
      ready.get(30, TimeUnit.SECONDS);
      Kill.thisProcess("USR1");
      reached.get(30, TimeUnit.SECONDS);
      assertThat(told[0]).isZero();
      watch.close();
      assertThat(told[0]).isEqualTo(1);
      assertThat(log.get()).isEqualTo("arrived");
      Hazmat.yieldBriefly();
      assertThat(told[0]).isEqualTo(1);
    }
  }

  @EveryBackend
  @Tag("R194")
  void endsWithItsRun(RunOptions options) throws Exception {
    try (OwnHandler own = new OwnHandler("USR1")) {
      SignalWatch left =
          Trefoil.run(options, () -> Hazmat.watchSignal("USR1", () -> log.putNowait("left")));
      assertThat(left.toString()).startsWith("closed watch of SIGUSR1");
      left.close();
      Kill.thisProcess("USR1");
      assertThat(own.isCalled()).isTrue();
    }
  }

  @EveryBackend
  @Tag("R193")
  void failingWatchDoesNotKeepOthersFromTheirCopy(RunOptions options) throws Exception {
    CompletableFuture<Void> ready = new CompletableFuture<>();
    CompletableFuture<Throwable> broken = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(
            () -> {
              try {
                Trefoil.run(
                    options,
                    () -> {
                      SignalWatch failing =
                          Hazmat.watchSignal(
                              "USR1",
                              () -> {
                                throw new IllegalStateException("failing watch");
                              });
                      try (failing) {
                        ready.complete(null);
                        Trefoil.sleepForever();
                      }
                    });
              } catch (Throwable error) {
                broken.complete(error);
              }
            });
    ready.get(30, TimeUnit.SECONDS);
    Trefoil.run(
        options,
        () -> {
          try (SignalWatch _ = Hazmat.watchSignal("USR1", () -> log.putNowait("copy"))) {
            Kill.thisProcess("USR1");
            assertThat(log.get()).isEqualTo("copy");
          }
        });
    assertThat(broken.get(30, TimeUnit.SECONDS))
        .isInstanceOf(KernelError.class)
        .hasRootCauseMessage("failing watch");
  }

  @TrefoilTest
  @Tag("R183")
  void ignoringOutranksOlderWatchesAndGivesWayToNewerOnes() throws Exception {
    try (SignalWatch _ = Hazmat.watchSignal("USR1", () -> log.putNowait("older"))) {
      SignalWatch ignored = Hazmat.ignoreSignal("USR1");
      try (SignalWatch _ = Hazmat.watchSignal("USR1", () -> log.putNowait("newer"))) {
        Kill.thisProcess("USR1");
        assertThat(log.get()).isEqualTo("newer");
      }
      ignored.close();
      Kill.thisProcess("USR1");
      assertThat(log.get()).isEqualTo("older");
      assertThat(log.size()).isZero();
    }
  }

  @TrefoilTest
  @Tag("T52")
  void passesOnToTheHandlerBefore() throws Exception {
    try (OwnHandler own = new OwnHandler("USR1")) {
      SignalWatch watch = Hazmat.watchSignal("USR1", () -> log.putNowait("watch"));
      assertThatThrownBy(watch::passOn)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("watch of SIGUSR1", "Close it first");
      watch.close();
      watch.passOn();
      assertThat(own.isCalled()).isTrue();
    }
  }

  @TrefoilTest
  @Tag("T52")
  void passesNothingOnWhileOthersWatch() throws Exception {
    try (OwnHandler own = new OwnHandler("USR1")) {
      try (SignalWatch _ = Hazmat.watchSignal("USR1", () -> log.putNowait("other"))) {
        SignalWatch watch = Hazmat.watchSignal("USR1", () -> log.putNowait("watch"));
        watch.close();
        watch.passOn();
        Kill.thisProcess("USR1");
        assertThat(log.get()).isEqualTo("other");
        assertThat(log.size()).isZero();
      }
      assertThat(own.calls()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "QUIT, JVM",
    "SEGV, JVM",
    "FPE, JVM",
    "ILL, JVM",
    "BUS, JVM",
    "PIPE, JVM",
    "USR2, _JAVA_SR_SIGNUM",
    "KILL, operating system"
  })
  @Tag("R193")
  void signalThatIsHeldIsRefusedWithTheNameOfItsHolder(String signal, String holder) {
    Trefoil.run(
        () -> {
          assertThatThrownBy(() -> Hazmat.watchSignal(signal, () -> {}))
              .isInstanceOf(UnsupportedOperationException.class)
              .hasMessageContainingAll("SIG" + signal, "held by", holder);
          assertThatThrownBy(() -> Hazmat.ignoreSignal(signal))
              .isInstanceOf(UnsupportedOperationException.class);
        });
  }

  @TrefoilTest
  @Tag("R193")
  void unknownSignalIsRefused() {
    assertThatThrownBy(() -> Hazmat.watchSignal("CLOVER", () -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("CLOVER", "such as TERM");
    assertThatThrownBy(() -> KernelProvider.find().signalNumber("CLOVER"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("CLOVER", "such as TERM");
  }

  @Test
  @Tag("R193")
  void outsideARunItIsRefused() {
    assertThatThrownBy(() -> Hazmat.watchSignal("USR1", () -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
  }

  @TrefoilTest
  @Tag("R194")
  void otherThreadCannotCloseIt() throws Exception {
    try (SignalWatch watch = Hazmat.watchSignal("USR1", () -> {})) {
      CompletableFuture<Void> elsewhere = CompletableFuture.runAsync(watch::close);
      assertThatThrownBy(() -> elsewhere.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(IllegalStateException.class)
          .hasMessageContaining("close the watch of SIGUSR1");
    }
  }
}
