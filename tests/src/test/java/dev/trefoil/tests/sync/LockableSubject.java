package dev.trefoil.tests.sync;

import dev.trefoil.sync.Lockable;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import java.util.function.Supplier;

/** The calls that all have in common. */
abstract class LockableSubject implements Subject {
  /** Its arguments are those of each call. */
  static Vocabulary vocabulary(int minSize, int maxSize, Integer... bounds) {
    return new Vocabulary(minSize, maxSize)
        .waiting(4, "acquire", bounds)
        .immediate(1, "tryAcquire", bounds)
        .immediate(1, "acquireNowait", bounds)
        .immediate(4, "release", bounds);
  }

  static Subject of(Lockable lockable, Supplier<String> look) {
    return new LockableSubject() {
      @Override
      Lockable lockable(Call call) {
        return lockable;
      }

      @Override
      public String look() {
        return look.get();
      }
    };
  }

  abstract Lockable lockable(Call call);

  @Override
  public String perform(Call call) throws Exception {
    Lockable lockable = lockable(call);
    switch (call.name()) {
      case "acquire" -> lockable.acquire();
      case "tryAcquire" -> {
        return Boolean.toString(lockable.tryAcquire());
      }
      case "acquireNowait" -> lockable.acquireNowait();
      case "release" -> lockable.release();
      default -> throw new AssertionError(call);
    }
    return DONE;
  }
}
