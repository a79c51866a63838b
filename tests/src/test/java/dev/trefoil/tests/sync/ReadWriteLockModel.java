package dev.trefoil.tests.sync;

import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.ModelTask;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One line for those who read, argument 0, and those who write; broken for good by a holder's end. */
final class ReadWriteLockModel extends LockableModel {
  private record Waiter(ModelTask task, boolean writes) {}

  private final List<ModelTask> readers = new ArrayList<>();
  private @Nullable ModelTask writer;
  private final List<Waiter> line = new ArrayList<>();
  private boolean broken;

  private static boolean writes(Call call) {
    return call.argument() == 1;
  }

  private boolean fits(boolean writes) {
    return writer == null && (!writes || readers.isEmpty());
  }

  private void enter(ModelTask task, boolean writes) {
    if (writes) {
      writer = task;
    } else {
      readers.add(task);
    }
  }

  @Override
  String take(ModelTask task, Call call) {
    if (broken) {
      return BROKEN;
    }
    if (writer == task || readers.contains(task)) {
      return REFUSED;
    }
    if (!line.isEmpty() || !fits(writes(call))) {
      return WOULD_BLOCK;
    }
    enter(task, writes(call));
    return DONE;
  }

  @Override
  void line(ModelTask task, Call call) {
    line.add(new Waiter(task, writes(call)));
  }

  @Override
  String release(ModelTask task, Call call) {
    if (writes(call) ? writer != task : !readers.remove(task)) {
      return REFUSED;
    }
    if (writes(call)) {
      writer = null;
    }
    admit();
    return DONE;
  }

  private void admit() {
    while (!line.isEmpty() && fits(line.getFirst().writes())) {
      Waiter first = line.removeFirst();
      enter(first.task(), first.writes());
      first.task().wake(DONE);
    }
  }

  @Override
  protected void leave(ModelTask task) {
    line.removeIf(waiter -> waiter.task() == task);
    admit();
  }

  @Override
  protected void ended(ModelTask task) {
    if (writer == task || readers.contains(task)) {
      broken = true;
      line.forEach(waiter -> waiter.task().wake(BROKEN));
      line.clear();
    }
  }

  @Override
  public String look() {
    TreeSet<String> names = new TreeSet<>(readers.stream().map(ModelTask::toString).toList());
    long writing = line.stream().filter(Waiter::writes).count();
    return look(writer, names, writing, line.size() - writing);
  }

  static String look(
      @Nullable Object writer, TreeSet<String> readers, long writersWaiting, long readersWaiting) {
    return "writer "
        + writer
        + ", readers "
        + readers
        + ", waiting to write "
        + writersWaiting
        + ", to read "
        + readersWaiting;
  }
}
