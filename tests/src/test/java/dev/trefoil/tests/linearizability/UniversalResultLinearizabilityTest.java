package dev.trefoil.tests.linearizability;

import dev.trefoil.hazmat.Outcome;
import dev.trefoil.sync.UniversalEventStatistics;
import dev.trefoil.sync.UniversalResult;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;

@Tag("T79")
final class UniversalResultLinearizabilityTest
    extends LinearizabilityContract<UniversalResult<Integer>, Optional<String>> {
  /** The state is what {@code await} shows, or nothing if it is not there yet. */
  private sealed interface ResultOperation
      extends Operation<UniversalResult<Integer>, Optional<String>> {}

  private static Optional<Optional<String>> onlyIf(boolean possible, Optional<String> after) {
    return possible ? Optional.of(after) : Optional.empty();
  }

  /** {@code isError} if it sets an exception. */
  private record SetOnce(String what, boolean isError) implements ResultOperation {
    @Override
    public Object perform(UniversalResult<Integer> result) {
      try {
        if (isError) {
          result.setException(new NumberFormatException(what));
        } else {
          result.setValue(Integer.valueOf(what));
        }
        return "set";
      } catch (IllegalStateException tooLate) {
        return "refused";
      }
    }

    @Override
    public Optional<Optional<String>> after(Optional<String> state, Object result) {
      return result.equals("set")
          ? onlyIf(state.isEmpty(), Optional.of(what))
          : onlyIf(state.isPresent(), state);
    }
  }

  private record Await() implements ResultOperation {
    @Override
    public Object perform(UniversalResult<Integer> result) throws InterruptedException {
      try {
        return String.valueOf(result.await());
      } catch (NumberFormatException set) {
        return set.getMessage();
      }
    }

    @Override
    public Optional<Optional<String>> after(Optional<String> state, Object result) {
      return onlyIf(state.equals(Optional.of(result)), state);
    }
  }

  private record Peek() implements ResultOperation {
    @Override
    public Object perform(UniversalResult<Integer> result) {
      return switch (result.outcome()) {
        case null -> Optional.empty();
        case Outcome.Value<Integer>(Integer value) -> Optional.of(String.valueOf(value));
        case Outcome.Failure<Integer>(Throwable error) -> Optional.of(error.getMessage());
      };
    }

    @Override
    public Optional<Optional<String>> after(Optional<String> state, Object result) {
      return onlyIf(state.equals(result), state);
    }
  }

  private record IsSet() implements ResultOperation {
    @Override
    public Object perform(UniversalResult<Integer> result) {
      return result.isSet();
    }

    @Override
    public Optional<Optional<String>> after(Optional<String> state, Object result) {
      return onlyIf(result.equals(state.isPresent()), state);
    }
  }

  private record Look() implements ResultOperation {
    @Override
    public Object perform(UniversalResult<Integer> result) {
      return result.statistics();
    }

    @Override
    public Optional<Optional<String>> after(Optional<String> state, Object result) {
      UniversalEventStatistics seen = (UniversalEventStatistics) result;
      boolean somebodyWaits = seen.tasksWaiting() + seen.threadsWaiting() > 0;
      return onlyIf(
          seen.set() == state.isPresent() && !(state.isPresent() && somebodyWaits), state);
    }
  }

  @Override
  Setting<UniversalResult<Integer>, Optional<String>> newSetting(Random random) {
    return new Setting<>(new UniversalResult<>(), Optional.empty());
  }

  @Override
  Operation<UniversalResult<Integer>, Optional<String>> randomOperation(Random random, int number) {
    return switch (random.nextInt(9)) {
      case 0, 1 -> new SetOnce(String.valueOf(number), random.nextBoolean());
      case 2, 3, 4, 5 -> new Await();
      case 6 -> new Peek();
      case 7 -> new Look();
      default -> new IsSet();
    };
  }

  @Override
  int waiting(UniversalResult<Integer> result) {
    var now = result.statistics();
    return now.tasksWaiting() + now.threadsWaiting();
  }

  @Override
  Operation<UniversalResult<Integer>, Optional<String>> look() {
    return new Look();
  }

  @Override
  Operation<UniversalResult<Integer>, Optional<String>> relief(
      UniversalResult<Integer> result, int number) {
    return new SetOnce(String.valueOf(number), false);
  }

  @Override
  List<Operation<UniversalResult<Integer>, Optional<String>>> closing(
      UniversalResult<Integer> result) {
    return List.of(new Peek(), new IsSet());
  }
}
