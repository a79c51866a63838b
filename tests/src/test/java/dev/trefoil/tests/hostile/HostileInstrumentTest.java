package dev.trefoil.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Instruments that do more than look. */
@Timeout(30)
class HostileInstrumentTest {
  private static final int HOOKS = 7;

  /** Does something in every hook, once, and has no description to offer. */
  private static final class Meddler implements Instrument {
    private final Runnable meddling;
    private final List<String> meddled = new ArrayList<>();

    Meddler(Runnable meddling) {
      this.meddling = meddling;
    }

    private void meddle(String hook) {
      if (!meddled.contains(hook)) {
        meddled.add(hook);
        try {
          meddling.run();
        } catch (IllegalStateException refused) {
          return;
        }
        throw new AssertionError("the hook " + hook + " was allowed to suspend");
      }
    }

    @Override
    public void taskSpawned(Task<?> task) {
      meddle("taskSpawned");
    }

    @Override
    public void taskScheduled(Task<?> task) {
      meddle("taskScheduled");
    }

    @Override
    public void beforeTaskStep(Task<?> task) {
      meddle("beforeTaskStep");
    }

    @Override
    public void afterTaskStep(Task<?> task) {
      meddle("afterTaskStep");
    }

    @Override
    public void taskExited(Task<?> task) {
      meddle("taskExited");
    }

    @Override
    public void beforeIoWait(long timeoutNanos) {
      meddle("beforeIoWait");
    }

    @Override
    public void afterIoWait(long timeoutNanos) {
      meddle("afterIoWait");
    }
  }

  private static void assertRefusedEverywhere(Backend backend, Runnable meddling) {
    Meddler meddler = new Meddler(meddling);
    List<String> trace = new ArrayList<>();
    Trefoil.run(
        RunOptions.defaults().withBackend(backend),
        () -> {
          Hazmat.currentRun().addInstrument(meddler);
          Nursery.open(
              nursery -> {
                nursery.spawn(
                    () -> {
                      Testing.waitAllTasksBlocked();
                      trace.add("ran");
                    });
              });
          Hazmat.currentRun().removeInstrument(meddler);
        });
    assertThat(trace).containsExactly("ran");
    assertThat(meddler.meddled).hasSize(HOOKS);
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("T86")
  void noHookCanPassACheckpoint(Backend backend) {
    assertRefusedEverywhere(backend, Hazmat::yieldBriefly);
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("T86")
  void noHookCanSleep(Backend backend) {
    assertRefusedEverywhere(
        backend, () -> Hazmat.<@Nullable Object>yieldIndefinitely(raiseCancel -> Abort.SUCCEEDED));
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("T86")
  void anInstrumentThatFailsAndCannotEvenBeDescribedIsRemovedAndTheRunGoesOn(Backend backend)
      throws Exception {
    Instrument indescribable =
        new Instrument() {
          @Override
          public void taskScheduled(Task<?> task) {
            throw new AssertionError("expected by the test");
          }

          @Override
          public String toString() {
            throw new UnsupportedOperationException("no description");
          }
        };
    assertThat(
            Trefoil.<Integer, Exception>run(
                RunOptions.defaults().withBackend(backend).withInstrument(indescribable),
                () -> {
                  Hazmat.yieldBriefly();
                  return 1;
                }))
        .isOne();
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("T84")
  @Tag("T86")
  void cancellingOneIdleWaiterWhileAnotherIsWokenHarmsNobody(Backend backend) {
    Trefoil.run(
        RunOptions.defaults().withBackend(backend),
        () -> {
          CancelScope scope = CancelScope.create();
          List<String> ended = new ArrayList<>();
          Instrument canceller =
              new Instrument() {
                @Override
                public void taskScheduled(Task<?> task) {
                  if (task.name().equals("first")) {
                    scope.cancel();
                  }
                }
              };
          Nursery.open(
              nursery -> {
                nursery.spawn(
                    "first",
                    () -> {
                      Testing.waitAllTasksBlocked();
                      ended.add("first");
                    });
                nursery.spawn(
                    "second",
                    () -> {
                      scope.run(() -> Testing.waitAllTasksBlocked());
                      ended.add("second");
                    });
                Hazmat.yieldBriefly();
                Hazmat.currentRun().addInstrument(canceller);
              });
          assertThat(ended).containsExactlyInAnyOrder("first", "second");
          assertThat(scope.cancelledCaught()).isTrue();
        });
  }
}
