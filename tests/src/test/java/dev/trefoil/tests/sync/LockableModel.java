package dev.trefoil.tests.sync;

import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelTask;
import org.jspecify.annotations.Nullable;

/** The three ways to acquire are one: they differ in what they make of not being able to. */
abstract class LockableModel extends Model {
  /** Acquires if that is possible at once; returns how that went, WOULD_BLOCK if it is not. */
  abstract String take(ModelTask task, Call call);

  /** Puts the task, which cannot acquire at once, at the end of the line. */
  abstract void line(ModelTask task, Call call);

  abstract String release(ModelTask task, Call call);

  @Override
  public @Nullable String perform(ModelTask task, Call call) {
    return switch (call.name()) {
      case "acquire" -> {
        String taken = take(task, call);
        if (taken.equals(WOULD_BLOCK)) {
          line(task, call);
          yield null;
        }
        yield taken;
      }
      case "tryAcquire" -> {
        String taken = take(task, call);
        yield taken.equals(DONE) ? "true" : taken.equals(WOULD_BLOCK) ? "false" : taken;
      }
      case "acquireNowait" -> take(task, call);
      case "release" -> release(task, call);
      default -> throw new AssertionError(call);
    };
  }
}
