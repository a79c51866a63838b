package dev.trefoil.sync;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunGuard;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.WouldBlock;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that are lent, one to each borrower, as long as there are any: limits how much goes on at a
 * time.
 *
 * <pre>{@code
 * CapacityLimiter connections = new CapacityLimiter(10, "connections");
 * connections.withLock(() -> fetch(url));
 * }</pre>
 *
 * <p>A borrower is the current task, or with {@link #acquireOnBehalfOf(Object)} whatever stands for the
 * work that the token is for; it has one token at most, and only it gives it back. Borrowers that are
 * no tasks are compared by {@code equals}. The total may be changed at any time.
 *
 * <p>Source: Trio's {@code CapacityLimiter}.
 */
public final class CapacityLimiter implements Lockable, Limiter {
  /** The total of a limiter that does not limit. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  private final @Nullable String name;
  private final RunGuard guard = new RunGuard(this);
  private final Borrowers borrowers = new Borrowers();

  /** Nobody is in it while a token is free. */
  private final WaitQueue<Waiter> queue;

  /** The borrowers that the tasks in the queue wait for. */
  private final Set<Object> awaited = new HashSet<>();

  private int total;

  private record Waiter(Task<?> task, Object borrower) implements WaitQueue.Waiter {
    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  /**
   * Makes a limiter.
   *
   * @param totalTokens how many tokens there are, 0 or more, or {@link #UNLIMITED}
   * @throws IllegalArgumentException if {@code totalTokens} is negative
   */
  public CapacityLimiter(int totalTokens) {
    this(null, totalTokens);
  }

  /**
   * Makes a limiter with a name.
   *
   * @param totalTokens how many tokens there are, 0 or more, or {@link #UNLIMITED}
   * @param name for people: what messages call it
   * @throws IllegalArgumentException if {@code totalTokens} is negative
   */
  public CapacityLimiter(int totalTokens, String name) {
    this(
        Objects.requireNonNull(name, "name: expected a name, or no argument, got null"),
        totalTokens);
  }

  private CapacityLimiter(@Nullable String name, int totalTokens) {
    this.name = name;
    this.total = requireNotNegative(totalTokens);
    this.queue = new WaitQueue<>(waiter -> awaited.remove(waiter.borrower));
  }

  private static int requireNotNegative(int totalTokens) {
    if (totalTokens < 0) {
      throw new IllegalArgumentException(
          "totalTokens: expected 0 or more (CapacityLimiter.UNLIMITED for no limit), got "
              + totalTokens);
    }
    return totalTokens;
  }

  // ---- borrowing

  /**
   * Borrows a token for the current task, waiting behind those who came earlier. A checkpoint. If it
   * throws, nothing was borrowed.
   *
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before it was this task's turn
   * @throws IllegalStateException if the task has a token or waits for one; or from the wrong run
   */
  @Override
  public void acquire() {
    acquireOnBehalfOf(Hazmat.currentTask());
  }

  /**
   * Borrows a token for somebody, waiting behind those who came earlier. A checkpoint. If it throws,
   * nothing was borrowed.
   *
   * <p>Source: Trio's {@code acquire_on_behalf_of}.
   *
   * @param borrower who has the token then
   * @throws dev.trefoil.hazmat.Cancelled if cancelled before it was this task's turn
   * @throws IllegalStateException if the borrower has a token, or a task waits for one on its behalf; or
   *     from the wrong run
   */
  @Override
  public void acquireOnBehalfOf(Object borrower) {
    requireBorrower(borrower);
    Task<?> task = guard.requireTask();
    Hazmat.yieldIfCancelled();
    if (mayNotBorrow(borrower)) {
      Hazmat.yieldBrieflyNoCancel();
      throw refusal(borrower, task);
    }
    if (isLocked()) {
      awaited.add(borrower);
      queue.await(new Waiter(task, borrower), "LIMITER_ACQUIRE");
      return;
    }
    borrowers.add(borrower);
    Hazmat.yieldBrieflyNoCancel();
  }

  @Override
  public boolean tryAcquire() {
    return tryAcquireOnBehalfOf(Hazmat.currentTask());
  }

  /**
   * Borrows a token for somebody if that is possible without waiting and without overtaking anybody.
   * Never waits; no checkpoint.
   *
   * @param borrower who has the token then
   * @return whether it was borrowed
   * @throws IllegalStateException as {@link #acquireOnBehalfOf(Object)}
   */
  public boolean tryAcquireOnBehalfOf(Object borrower) {
    requireBorrower(borrower);
    guard.require();
    if (mayNotBorrow(borrower)) {
      throw refusal(borrower, Hazmat.currentTask());
    }
    return !isLocked() && borrowers.add(borrower);
  }

  @Override
  public void acquireNowait() {
    acquireOnBehalfOfNowait(Hazmat.currentTask());
  }

  /**
   * Borrows a token for somebody as {@link #tryAcquireOnBehalfOf(Object)} does, for when anything else
   * is an error. Never waits; no checkpoint.
   *
   * <p>Source: Trio's {@code acquire_on_behalf_of_nowait}.
   *
   * @param borrower who has the token then
   * @throws WouldBlock if it would have to wait
   * @throws IllegalStateException as {@link #acquireOnBehalfOf(Object)}
   */
  public void acquireOnBehalfOfNowait(Object borrower) {
    if (!tryAcquireOnBehalfOf(borrower)) {
      throw new WouldBlock(
          this
              + " has lent "
              + borrowers.size()
              + " of its "
              + total
              + " tokens; "
              + Hazmat.currentTask()
              + " cannot have one at once. Use acquire() to wait for one.");
    }
  }

  // ---- giving back

  /**
   * Gives back the current task's token, which goes to the task that has waited longest, if any. Never
   * waits; no checkpoint.
   *
   * @throws IllegalStateException if the task has no token
   */
  @Override
  public void release() {
    releaseOnBehalfOf(Hazmat.currentTask());
  }

  /**
   * Gives back somebody's token, which goes to the task that has waited longest, if any. Any task may.
   * Never waits; no checkpoint.
   *
   * <p>Source: Trio's {@code release_on_behalf_of}.
   *
   * @param borrower who has the token
   * @throws IllegalStateException if the borrower has no token
   */
  @Override
  public void releaseOnBehalfOf(Object borrower) {
    requireBorrower(borrower);
    guard.require();
    if (!borrowers.contains(borrower)) {
      throw new IllegalStateException(
          this
              + " has lent nothing to "
              + borrower
              + ", so "
              + Hazmat.currentTask()
              + " cannot give that back. A token is given back once, on behalf of the borrower that"
              + " has it.");
    }
    takeBack(borrower);
  }

  private void takeBack(Object borrower) {
    borrowers.remove(borrower);
    admit();
  }

  private void admit() {
    Waiter first = queue.first();
    while (first != null && !isLocked()) {
      queue.wake(first);
      awaited.remove(first.borrower);
      borrowers.add(first.borrower);
      first = queue.first();
    }
  }

  // ---- the total

  /**
   * Returns how many tokens there are.
   *
   * @return the total, {@link #UNLIMITED} for no limit
   */
  public int totalTokens() {
    return total;
  }

  /**
   * Changes how many tokens there are. If it grows, as many tasks as there is new room for get a token,
   * those first that have waited longest. If it shrinks, nobody loses a token, and none is lent until
   * enough were given back. Never waits; no checkpoint.
   *
   * <p>Source: Trio's {@code total_tokens}.
   *
   * @param totalTokens the new total, 0 or more, or {@link #UNLIMITED}
   * @throws IllegalArgumentException if {@code totalTokens} is negative
   * @throws IllegalStateException from the wrong thread or run
   */
  public void setTotalTokens(int totalTokens) {
    requireNotNegative(totalTokens);
    guard.require();
    total = totalTokens;
    admit();
  }

  /**
   * Returns how many tokens are lent.
   *
   * @return the count; more than the total if that was lowered meanwhile
   */
  public int borrowedTokens() {
    return borrowers.size();
  }

  /**
   * Returns how many tokens can be borrowed at once.
   *
   * @return the count, negative if more are lent than there are since the total was lowered
   */
  public int availableTokens() {
    return total - borrowers.size();
  }

  /**
   * Returns whether no token can be borrowed at once.
   *
   * @return true if all are lent
   */
  @Override
  public boolean isLocked() {
    return borrowers.size() >= total;
  }

  /**
   * Returns a snapshot of the limiter.
   *
   * @return the statistics
   */
  public CapacityLimiterStatistics statistics() {
    return new CapacityLimiterStatistics(borrowers.size(), total, borrowers.all(), queue.size());
  }

  @Override
  public String toString() {
    return Description.of(this, name);
  }

  // ---- errors

  private static void requireBorrower(@Nullable Object borrower) {
    Objects.requireNonNull(borrower, "borrower: expected who is to have the token, got null");
  }

  private boolean mayNotBorrow(Object borrower) {
    return borrowers.contains(borrower) || awaited.contains(borrower);
  }

  private IllegalStateException refusal(Object borrower, Task<?> task) {
    return new IllegalStateException(
        this
            + (borrowers.contains(borrower)
                ? " has lent a token to "
                : " has a task waiting for a token on behalf of ")
            + borrower
            + " already, so "
            + task
            + " cannot borrow another for it. A borrower has one token at most: give that back"
            + " first, or borrow on behalf of something else.");
  }
}
