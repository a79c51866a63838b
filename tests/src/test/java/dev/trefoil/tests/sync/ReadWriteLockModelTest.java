package dev.trefoil.tests.sync;

import dev.trefoil.hazmat.Task;
import dev.trefoil.sync.Lockable;
import dev.trefoil.sync.ReadWriteLock;
import dev.trefoil.sync.ReadWriteLockStatistics;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;

@Tag("T27")
final class ReadWriteLockModelTest extends ModelContract {
  @Override
  protected Vocabulary vocabulary() {
    return LockableSubject.vocabulary(0, 0, 2).tasksEnd();
  }

  @Override
  protected Model model(int size) {
    return new ReadWriteLockModel();
  }

  @Override
  protected Subject subject(int size) {
    ReadWriteLock lock = new ReadWriteLock();
    return new LockableSubject() {
      @Override
      Lockable lockable(Call call) {
        return call.argument() == 0 ? lock.readLock() : lock.writeLock();
      }

      @Override
      public String look() {
        ReadWriteLockStatistics now = lock.statistics();
        return ReadWriteLockModel.look(
            now.writer() == null ? null : now.writer().name(),
            new TreeSet<>(now.readers().stream().map(Task::name).toList()),
            now.writersWaiting(),
            now.readersWaiting());
      }
    };
  }
}
