package dev.trefoil.tests.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A task of a {@link Simulation}. */
public final class ModelTask {
  private final Simulation simulation;
  private final String name;

  final Deque<Call> script = new ArrayDeque<>();
  boolean cancelled;
  boolean ended;

  /** What it is at, null between scripts. */
  @Nullable Call current;

  /** Whether it waits to be woken. */
  boolean waits;

  /** What it does first in its next turn, other than the next call. */
  @Nullable Supplier<@Nullable String> next;

  ModelTask(Simulation simulation, String name) {
    this.simulation = simulation;
    this.name = name;
  }

  boolean isIdle() {
    return current == null && script.isEmpty();
  }

  /** Ends the task's wait: the call ends like that when it is its turn, even if it is cancelled first. */
  public void wake(String result) {
    wake(() -> result);
  }

  /** Ends the task's wait: the call goes on like that when it is its turn, and may wait again. */
  public void wake(Supplier<@Nullable String> then) {
    if (!waits) {
      throw new AssertionError("the model wakes " + name + ", which does not wait");
    }
    waits = false;
    simulation.inNextTurn(this, then);
  }

  @Override
  public String toString() {
    return name;
  }
}
