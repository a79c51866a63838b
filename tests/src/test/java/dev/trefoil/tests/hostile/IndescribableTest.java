package dev.trefoil.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskError;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.TrefoilTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Errors, calls and listeners whose toString or getMessage throws. */
class IndescribableTest {
  private static final class Indescribable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new UnsupportedOperationException("no message");
    }
  }

  private static class Thrower implements Runnable, Task.ExitListener {
    @Override
    public void run() {
      throw new IllegalArgumentException("from the call");
    }

    @Override
    public void taskExited(Task<?> task) {
      throw new IllegalArgumentException("from the listener");
    }

    @Override
    public String toString() {
      throw new UnsupportedOperationException("no description");
    }
  }

  @TrefoilTest
  @Tag("T6")
  void aTaskWhoseErrorHasNoMessageFailsItsNurseryAndNothingElse() {
    Indescribable error = new Indescribable();
    Throwable thrown =
        catchThrowable(
            () ->
                Nursery.open(
                    nursery -> {
                      nursery.spawn(
                          () -> {
                            throw error;
                          });
                      Trefoil.sleepForever();
                    }));
    assertThat(((ExceptionGroup) thrown).exceptions()).hasSize(1).first().isSameAs(error);
  }

  @TrefoilTest
  @Tag("T6")
  void aNurseryWhoseBodyFailsWithoutAMessageStillWaitsForItsTasks() {
    Indescribable error = new Indescribable();
    List<String> trace = new ArrayList<>();
    Throwable thrown =
        catchThrowable(
            () ->
                Nursery.open(
                    nursery -> {
                      nursery.spawn(
                          () -> {
                            try {
                              Trefoil.sleepForever();
                            } finally {
                              trace.add("cancelled");
                            }
                          });
                      Hazmat.yieldBriefly();
                      throw error;
                    }));
    assertThat(trace).containsExactly("cancelled");
    assertThat(((ExceptionGroup) thrown).exceptions()).hasSize(1).first().isSameAs(error);
  }

  @TrefoilTest
  @Tag("R67")
  void joiningATaskWhoseErrorHasNoMessageIsATaskErrorAllTheSame() {
    Indescribable error = new Indescribable();
    Throwable thrown =
        catchThrowable(
            () ->
                Nursery.open(
                    nursery -> {
                      Task<?> failing =
                          nursery.spawn(
                              () -> {
                                throw error;
                              });
                      try {
                        CancelScope.create().shielded().run(failing::join);
                      } catch (TaskError expected) {
                        assertThat(expected.getCause()).isSameAs(error);
                      }
                    }));
    assertThat(((ExceptionGroup) thrown).exceptions()).hasSize(1).first().isSameAs(error);
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("R13")
  void anIndescribableEntryCallThatThrowsDoesNotTakeAcceptedCallsWithIt(Backend backend) {
    List<String> ran = new ArrayList<>();
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    RunOptions.defaults().withBackend(backend),
                    () -> {
                      EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
                      entry.callSoonThreadAndSignalSafe(new Thrower());
                      entry.callSoonThreadAndSignalSafe(() -> ran.add("next"));
                      entry.callSoonThreadAndSignalSafe(new Thrower(), true);
                      entry.callSoonThreadAndSignalSafe(() -> ran.add("idempotent"), true);
                      Trefoil.sleepForever();
                    }))
        .isInstanceOf(KernelError.class)
        .hasMessageContaining("entry call")
        .hasMessageContaining(Thrower.class.getName())
        .hasRootCauseMessage("from the call");
    assertThat(ran).containsExactlyInAnyOrder("next", "idempotent");
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("R50")
  void anIndescribableExitListenerThatThrowsIsNamedByItsClass(Backend backend) {
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    RunOptions.defaults().withBackend(backend),
                    () -> Hazmat.currentTask().addExitListener(new Thrower())))
        .isInstanceOf(KernelError.class)
        .hasMessageContaining("exit listener")
        .hasMessageContaining(Thrower.class.getName())
        .hasRootCauseMessage("from the listener");
  }
}
