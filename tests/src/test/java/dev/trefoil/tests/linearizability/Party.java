package dev.trefoil.tests.linearizability;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunFinished;
import dev.trefoil.tasks.CancelScope;

/** A thread, or a task, of which every operation can be cancelled by the others. */
abstract sealed class Party {
  /** What it is. */
  enum Kind {
    THREAD,
    VIRTUAL_THREAD,
    TASK,
    TASK_OF_ANOTHER_RUN
  }

  static Party of(Kind kind) {
    return switch (kind) {
      case THREAD, VIRTUAL_THREAD -> new OfThread();
      case TASK, TASK_OF_ANOTHER_RUN -> new OfTask();
    };
  }

  /** To be called first, by itself. */
  abstract void begin();

  /** Lets some time pass. */
  void pause(int spins) {
    for (int i = 0; i < spins; i++) {
      Thread.onSpinWait();
    }
  }

  /** Performs an operation; returns {@link History#CANCELLED} if it was. */
  abstract <T> Object perform(T subject, Operation<T, ?> operation);

  /** From any thread or task: cancels what it does now, or what it does next. */
  abstract void cancel();

  private static final class OfThread extends Party {
    private volatile Thread thread;

    @Override
    void begin() {
      thread = Thread.currentThread();
    }

    @Override
    <T> Object perform(T subject, Operation<T, ?> operation) {
      try {
        return operation.perform(subject);
      } catch (InterruptedException interrupted) {
        return History.CANCELLED;
      }
    }

    @Override
    void cancel() {
      Thread begun = thread;
      if (begun != null) {
        begun.interrupt();
      }
    }
  }

  private static final class OfTask extends Party {
    private volatile Run run;

    /** Of the run's thread only. */
    private CancelScope scope;

    @Override
    void begin() {
      scope = CancelScope.create();
      run = Hazmat.currentRun();
    }

    @Override
    void pause(int spins) {
      super.pause(spins);
      if (spins % 3 == 1) {
        Hazmat.yieldBriefly();
      }
    }

    @Override
    <T> Object perform(T subject, Operation<T, ?> operation) {
      Object[] result = {History.CANCELLED};
      try {
        scope.run(
            () -> {
              result[0] = operation.perform(subject);
            });
      } catch (InterruptedException never) {
        throw new AssertionError("a task is cancelled, not interrupted", never);
      }
      scope = CancelScope.create();
      return result[0];
    }

    @Override
    void cancel() {
      Run begun = run;
      if (begun == null) {
        return;
      }
      if (Hazmat.inRun() && Hazmat.currentRun() == begun) {
        scope.cancel();
        return;
      }
      try {
        begun.entryPoint().callSoonThreadAndSignalSafe(() -> scope.cancel());
      } catch (RunFinished over) {
        // nothing left to cancel
      }
    }
  }
}
