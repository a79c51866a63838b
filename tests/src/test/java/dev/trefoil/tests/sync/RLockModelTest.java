package dev.trefoil.tests.sync;

import dev.trefoil.sync.Lockable;
import dev.trefoil.sync.RLock;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import org.junit.jupiter.api.Tag;

@Tag("T79")
final class RLockModelTest extends ModelContract {
  @Override
  protected Vocabulary vocabulary() {
    return LockableSubject.vocabulary(0, 0).immediate(1, "holdCount").tasksEnd();
  }

  @Override
  protected Model model(int size) {
    return new RLockModel();
  }

  @Override
  protected Subject subject(int size) {
    RLock lock = new RLock();
    return new LockableSubject() {
      @Override
      Lockable lockable(Call call) {
        return lock;
      }

      @Override
      public String perform(Call call) throws Exception {
        return call.name().equals("holdCount")
            ? Integer.toString(lock.holdCount())
            : super.perform(call);
      }

      @Override
      public String look() {
        return LockModel.look(lock.statistics());
      }
    };
  }
}
