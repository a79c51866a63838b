package dev.trefoil.tests.sync;

import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.ModelTask;
import org.jspecify.annotations.Nullable;

/** A lock that is released as often as it was acquired. */
final class RLockModel extends LockModel {
  private int again;

  @Override
  String takeAgain() {
    again++;
    return DONE;
  }

  @Override
  String release(ModelTask task, Call call) {
    if (owner == task && again > 0) {
      again--;
      return DONE;
    }
    return super.release(task, call);
  }

  @Override
  public @Nullable String perform(ModelTask task, Call call) {
    return call.name().equals("holdCount")
        ? Integer.toString(owner == task ? again + 1 : 0)
        : super.perform(task, call);
  }
}
