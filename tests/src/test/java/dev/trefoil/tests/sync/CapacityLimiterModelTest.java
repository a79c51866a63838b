package dev.trefoil.tests.sync;

import dev.trefoil.hazmat.Task;
import dev.trefoil.sync.CapacityLimiter;
import dev.trefoil.sync.CapacityLimiterStatistics;
import dev.trefoil.sync.Lockable;
import dev.trefoil.tests.model.Call;
import dev.trefoil.tests.model.Model;
import dev.trefoil.tests.model.ModelContract;
import dev.trefoil.tests.model.Subject;
import dev.trefoil.tests.model.Vocabulary;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;

@Tag("T27")
@Tag("T29")
final class CapacityLimiterModelTest extends ModelContract {
  @Override
  protected Vocabulary vocabulary() {
    return LockableSubject.vocabulary(0, 2, 3).immediate(1, "setTotalTokens", 4).tasksEnd();
  }

  @Override
  protected Model model(int size) {
    return new CapacityLimiterModel(size);
  }

  @Override
  protected Subject subject(int size) {
    return new Limiter(size);
  }

  private static final class Limiter extends LockableSubject {
    private final CapacityLimiter limiter;

    Limiter(int total) {
      limiter = new CapacityLimiter(total);
    }

    @Override
    Lockable lockable(Call call) {
      return limiter;
    }

    @Override
    public String perform(Call call) throws Exception {
      if (call.name().equals("setTotalTokens")) {
        limiter.setTotalTokens(call.argument());
        return DONE;
      }
      if (call.argument() == 0) {
        return super.perform(call);
      }
      String borrower = "borrower " + call.argument();
      switch (call.name()) {
        case "acquire" -> limiter.acquireOnBehalfOf(borrower);
        case "tryAcquire" -> {
          return Boolean.toString(limiter.tryAcquireOnBehalfOf(borrower));
        }
        case "acquireNowait" -> limiter.acquireOnBehalfOfNowait(borrower);
        case "release" -> limiter.releaseOnBehalfOf(borrower);
        default -> throw new AssertionError(call);
      }
      return DONE;
    }

    @Override
    public String look() {
      CapacityLimiterStatistics now = limiter.statistics();
      TreeSet<String> borrowers = new TreeSet<>();
      for (Object borrower : now.borrowers()) {
        borrowers.add(borrower instanceof Task<?> task ? task.name() : borrower.toString());
      }
      return now.totalTokens()
          + " tokens, lent to "
          + borrowers
          + ", waiting "
          + now.tasksWaiting();
    }
  }
}
