package dev.trefoil.tests.linearizability;

import dev.trefoil.hazmat.WouldBlock;
import dev.trefoil.queues.QueueStatistics;
import dev.trefoil.queues.UniversalQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What a {@link UniversalQueue} promises to one who uses it alone. */
sealed interface QueueOperation extends Operation<ObservedQueue, QueueState> {
  record Put(int item) implements QueueOperation {
    @Override
    public Object perform(ObservedQueue observed) throws InterruptedException {
      observed.queue.put(item);
      return "put";
    }

    @Override
    public Optional<QueueState> after(QueueState state, Object result) {
      return state.isFull() ? Optional.empty() : Optional.of(state.plus(item));
    }
  }

  record PutNowait(int item) implements QueueOperation {
    @Override
    public Object perform(ObservedQueue observed) {
      try {
        observed.queue.putNowait(item);
        return "put";
      } catch (WouldBlock full) {
        return "full";
      }
    }

    @Override
    public Optional<QueueState> after(QueueState state, Object result) {
      if (result.equals("full") != state.isFull()) {
        return Optional.empty();
      }
      return Optional.of(state.isFull() ? state : state.plus(item));
    }
  }

  record Get() implements QueueOperation {
    @Override
    public Object perform(ObservedQueue observed) throws InterruptedException {
      return observed.queue.get();
    }

    @Override
    public Optional<QueueState> after(QueueState state, Object result) {
      return state.items().isEmpty() || !state.items().getFirst().equals(result)
          ? Optional.empty()
          : Optional.of(state.withoutFirst());
    }
  }

  record GetNowait() implements QueueOperation {
    @Override
    public Object perform(ObservedQueue observed) {
      try {
        return observed.queue.getNowait();
      } catch (WouldBlock empty) {
        return "empty";
      }
    }

    @Override
    public Optional<QueueState> after(QueueState state, Object result) {
      if (result.equals("empty")) {
        return state.items().isEmpty() ? Optional.of(state) : Optional.empty();
      }
      return new Get().after(state, result);
    }
  }

  record TaskDone() implements QueueOperation {
    @Override
    public Object perform(ObservedQueue observed) {
      try {
        observed.queue.taskDone();
        return "done";
      } catch (IllegalStateException tooOften) {
        return "refused";
      }
    }

    @Override
    public Optional<QueueState> after(QueueState state, Object result) {
      if (result.equals("refused") != (state.unfinished() == 0)) {
        return Optional.empty();
      }
      return Optional.of(state.unfinished() == 0 ? state : state.withOneDone());
    }
  }

  record Join() implements QueueOperation {
    @Override
    public Object perform(ObservedQueue observed) throws InterruptedException {
      observed.queue.join();
      return "joined";
    }

    @Override
    public Optional<QueueState> after(QueueState state, Object result) {
      return state.unfinished() == 0 ? Optional.of(state) : Optional.empty();
    }
  }

  /** Sees also that nobody waits for what is there. */
  record Look() implements QueueOperation {
    @Override
    public Object perform(ObservedQueue observed) {
      return observed.queue.statistics();
    }

    @Override
    public Optional<QueueState> after(QueueState state, Object result) {
      QueueStatistics seen = (QueueStatistics) result;
      return seen.size() == state.items().size()
              && seen.unfinished() == state.unfinished()
              && (seen.waitingToGet() == 0 || state.items().isEmpty())
              && (seen.waitingToPut() == 0 || state.isFull())
              && (seen.waitingToJoin() == 0 || state.unfinished() > 0)
          ? Optional.of(state)
          : Optional.empty();
    }
  }

  record IsReadable() implements QueueOperation {
    @Override
    public Object perform(ObservedQueue observed) {
      return observed.isReadable();
    }

    @Override
    public Optional<QueueState> after(QueueState state, Object result) {
      return result.equals(state.items().isEmpty()) ? Optional.empty() : Optional.of(state);
    }
  }

  static QueueOperation relief(QueueStatistics now, int number) {
    return now.waitingToGet() > 0
        ? new PutNowait(number)
        : now.waitingToPut() > 0 ? new GetNowait() : new TaskDone();
  }

  static List<Operation<ObservedQueue, QueueState>> closing(ObservedQueue observed) {
    List<Operation<ObservedQueue, QueueState>> closing = new ArrayList<>();
    closing.add(new IsReadable());
    closing.addAll(Collections.nCopies(observed.queue.size() + 1, new GetNowait()));
    closing.add(new IsReadable());
    return closing;
  }
}
