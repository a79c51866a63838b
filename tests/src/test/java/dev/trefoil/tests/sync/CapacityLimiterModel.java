package dev.trefoil.tests.sync;

import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.ModelTask;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Tokens, of which each borrower has one at most; argument 0 is the task itself. */
final class CapacityLimiterModel extends LockableModel {
  private record Waiter(ModelTask task, String borrower) {}

  private final TreeSet<String> borrowers = new TreeSet<>();
  private final List<Waiter> line = new ArrayList<>();
  private int total;

  CapacityLimiterModel(int total) {
    this.total = total;
  }

  private static String borrower(ModelTask task, Call call) {
    return call.argument() == 0 ? task.toString() : "borrower " + call.argument();
  }

  @Override
  String take(ModelTask task, Call call) {
    String borrower = borrower(task, call);
    if (borrowers.contains(borrower)
        || line.stream().anyMatch(waiter -> waiter.borrower().equals(borrower))) {
      return REFUSED;
    }
    if (borrowers.size() >= total) {
      return WOULD_BLOCK;
    }
    borrowers.add(borrower);
    return DONE;
  }

  @Override
  void line(ModelTask task, Call call) {
    line.add(new Waiter(task, borrower(task, call)));
  }

  @Override
  String release(ModelTask task, Call call) {
    if (!borrowers.remove(borrower(task, call))) {
      return REFUSED;
    }
    admit();
    return DONE;
  }

  private void admit() {
    while (borrowers.size() < total && !line.isEmpty()) {
      Waiter first = line.removeFirst();
      borrowers.add(first.borrower());
      first.task().wake(DONE);
    }
  }

  @Override
  public @Nullable String perform(ModelTask task, Call call) {
    if (call.name().equals("setTotalTokens")) {
      total = call.argument();
      admit();
      return DONE;
    }
    return super.perform(task, call);
  }

  @Override
  protected void leave(ModelTask task) {
    line.removeIf(waiter -> waiter.task() == task);
  }

  @Override
  public String look() {
    return total + " tokens, lent to " + borrowers + ", waiting " + line.size();
  }
}
