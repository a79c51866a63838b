package dev.trefoil.tests.sync;

import dev.trefoil.sync.Semaphore;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import org.junit.jupiter.api.Tag;

@Tag("R160")
@Tag("R161")
@Tag("R162")
@Tag("T27")
@Tag("T28")
final class SemaphoreModelTest extends ModelContract {
  @Override
  protected Vocabulary vocabulary() {
    return LockableSubject.vocabulary(0, 2);
  }

  @Override
  protected Model model(int size) {
    return new SemaphoreModel(size, 3);
  }

  @Override
  protected Subject subject(int size) {
    Semaphore semaphore = new Semaphore(size, 3);
    return LockableSubject.of(semaphore, () -> SemaphoreModel.look(semaphore.statistics()));
  }
}
