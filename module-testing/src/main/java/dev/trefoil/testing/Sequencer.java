package dev.trefoil.testing;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterruptProtected;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.ParkingLot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Forces an order upon pieces of code in different tasks: piece {@code n} starts when piece {@code n
 * - 1} has ended.
 *
 * <pre>{@code
 * Sequencer sequence = new Sequencer();
 * Nursery.open(nursery -> {
 *   nursery.spawn(() -> { sequence.run(0, () -> write("a")); sequence.run(2, () -> write("c")); });
 *   nursery.spawn(() -> { sequence.run(1, () -> write("b")); sequence.run(3, () -> write("d")); });
 * });                                                                  // always abcd
 * }</pre>
 *
 * <p>Each number is for one use. If a task is cancelled while it waits for its turn, the order cannot
 * be kept any more: the sequence is broken, and that task, all that wait and all that come get an
 * error instead of a test that hangs.
 *
 * <p>Thread-safety: for the tasks of one run.
 *
 * <p>Source: Trio's {@code Sequencer}.
 */
@KeyboardInterruptProtected
public final class Sequencer {
  private final Set<Integer> claimed = new HashSet<>();
  private final Set<Integer> open = new HashSet<>(Set.of(0));
  private final Map<Integer, ParkingLot> waiting = new HashMap<>();
  private boolean broken;

  /** Makes a sequence that waits for its number 0. */
  public Sequencer() {}

  /**
   * Waits for the turn of {@code position}, runs {@code body}, and gives the turn to {@code position
   * + 1}, also if {@code body} throws. A checkpoint, before the body.
   *
   * @param <X> what {@code body} may throw
   * @param position the place in the order, counted from 0
   * @param body what to run in its turn; may suspend
   * @throws X whatever {@code body} throws
   * @throws IllegalArgumentException if {@code position} is negative
   * @throws IllegalStateException if {@code position} was used before; or if the sequence is broken
   *     because a task was cancelled while it waited, this one (the cause is the {@link Cancelled})
   *     or another; {@code body} did not run then
   */
  public <X extends Throwable> void run(int position, Action<X> body) throws X {
    if (position < 0) {
      throw new IllegalArgumentException("position: expected 0 or more, got " + position);
    }
    if (claimed.contains(position)) {
      throw new IllegalStateException(
          "Expected a position of the sequence that was not used yet, got "
              + position
              + " again. Every position is for one use.");
    }
    if (broken) {
      throw broken();
    }
    claimed.add(position);
    awaitTurn(position);
    if (broken) {
      throw broken();
    }
    try {
      KeyboardInterrupts.callOut(body);
    } finally {
      open.add(position + 1);
      ParkingLot next = waiting.remove(position + 1);
      if (next != null) {
        next.unpark();
      }
    }
  }

  private void awaitTurn(int position) {
    boolean done = false;
    try {
      if (open.contains(position)) {
        Hazmat.yieldBriefly();
      } else {
        waiting.computeIfAbsent(position, key -> new ParkingLot()).park("SEQUENCE_WAIT");
      }
      done = true;
    } catch (Cancelled cancelled) {
      throw new IllegalStateException(
          "Cancelled while waiting for position "
              + position
              + " of a sequence, which breaks it: the order cannot be kept any more.",
          cancelled);
    } finally {
      if (!done) {
        breakSequence();
      }
    }
  }

  private void breakSequence() {
    broken = true;
    waiting.values().forEach(ParkingLot::unparkAll);
    waiting.clear();
  }

  private static IllegalStateException broken() {
    return new IllegalStateException(
        "The sequence is broken: a task was cancelled while it waited for its position, so the"
            + " order cannot be kept any more.");
  }
}
