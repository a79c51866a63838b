package dev.trefoil.tests.sync;

import dev.trefoil.sync.StrictFIFOLock;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import org.junit.jupiter.api.Tag;

@Tag("R154")
@Tag("R155")
@Tag("R156")
@Tag("T26")
@Tag("T27")
final class StrictFIFOLockModelTest extends ModelContract {
  @Override
  protected Vocabulary vocabulary() {
    return LockableSubject.vocabulary(0, 0).tasksEnd();
  }

  @Override
  protected Model model(int size) {
    return new LockModel();
  }

  @Override
  protected Subject subject(int size) {
    StrictFIFOLock lock = new StrictFIFOLock();
    return LockableSubject.of(lock, () -> LockModel.look(lock.statistics()));
  }
}
