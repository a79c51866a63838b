package dev.trefoil.tests.sync;

import dev.trefoil.sync.BoundedSemaphore;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import org.junit.jupiter.api.Tag;

@Tag("R159")
@Tag("R160")
@Tag("R161")
@Tag("R162")
final class BoundedSemaphoreModelTest extends ModelContract {
  @Override
  protected Vocabulary vocabulary() {
    return LockableSubject.vocabulary(0, 2);
  }

  @Override
  protected Model model(int size) {
    return new SemaphoreModel(size, size);
  }

  @Override
  protected Subject subject(int size) {
    BoundedSemaphore semaphore = new BoundedSemaphore(size);
    return LockableSubject.of(semaphore, () -> SemaphoreModel.look(semaphore.statistics()));
  }
}
