package dev.trefoil.hazmat;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A node of a run's cancellation tree: what cancel scopes and nurseries are made of.
 *
 * <p>Every task lives under exactly one node. A node is <em>effectively cancelled</em> if it was
 * cancelled itself or, unless it is shielded, if its parent is effectively cancelled. While a
 * task's node is effectively cancelled, each of its cancel points raises {@link Cancelled}: the
 * state is a level, not an edge. When a node becomes effectively cancelled, sleeping tasks under it
 * are aborted at once, on the caller's stack, and run later.
 *
 * <p>The life of a node: {@link #newChild(Object)} makes it; then either the current task moves
 * into it with {@link #enter()} and back out with {@link #leave()}, or tasks are spawned under it,
 * or both; {@link #leave()} and {@link #close()} end it. A node that is closed takes no part in the
 * tree any more, its deadline is dropped, and cancelling it only sets the flag.
 *
 * <p>Thread-safety: run thread only; from a foreign thread every method that changes something
 * throws {@link IllegalStateException} and changes nothing: go through {@link EntryPoint}.
 *
 * <p>Source: Trio's {@code CancelStatus} and {@code CancelScope}.
 */
@ProviderType
public interface CancelStatus {
  /** The deadline that never passes. */
  long NO_DEADLINE = Long.MAX_VALUE;

  /**
   * Returns the enclosing node.
   *
   * @return the parent, or {@code null} for the run's root
   */
  @Nullable CancelStatus parent();

  /**
   * Returns what the node was made for: the scope or nursery, for introspection.
   *
   * @return the object given to {@link #newChild(Object)}
   */
  Object owner();

  /**
   * Makes a node under this one.
   *
   * @param owner what it is for
   * @return a new node: not cancelled, not shielded, without a deadline
   * @throws IllegalStateException if this node is closed
   */
  CancelStatus newChild(Object owner);

  /**
   * Moves the current task from this node's parent into this node.
   *
   * @throws IllegalStateException if the current task does not live under the parent
   */
  void enter();

  /**
   * Moves the current task back into the parent and closes the node.
   *
   * <p>If the task lives under a node further down, then inner scopes were not left: they are
   * cancelled with {@link CancelReason.Source#ABANDONED}, closed, and the error says so after this
   * node has been left all the same.
   *
   * @throws IllegalStateException if the current task has not entered this node, which then stays as
   *     it is, or if inner nodes were still entered; the message tells what was left out of order
   */
  void leave();

  /**
   * Ends the node: nothing can be put under it any more. If tasks or nodes are still under it, it
   * is cancelled with {@link CancelReason.Source#ABANDONED} and stays in the tree until the last of
   * them has gone. Idempotent.
   */
  void close();

  /**
   * Cancels. Idempotent: only the first reason counts. Never suspends and is no checkpoint, but runs
   * the abort functions of the tasks that sleep under this node.
   *
   * @param reason who and why
   */
  void cancel(CancelReason reason);

  /**
   * Returns why this node itself was cancelled.
   *
   * @return the first reason, or {@code null} while {@link #cancel(CancelReason)} has not happened
   */
  @Nullable CancelReason reason();

  /**
   * Returns whether this node itself was cancelled, by a call or by its deadline.
   *
   * @return true once cancelled, for ever
   */
  default boolean cancelCalled() {
    return reason() != null;
  }

  /**
   * Returns whether cancel points directly under this node raise now.
   *
   * @return true if this node or one that reaches it past no shield is cancelled
   */
  boolean effectivelyCancelled();

  /**
   * Returns whether a cancellation of an enclosing node reaches this one. A scope catches {@link
   * Cancelled} only if this is false: otherwise the enclosing scope is the one to catch it.
   *
   * @return true if the parent is effectively cancelled and no shield is between
   */
  boolean parentCancellationVisible();

  /**
   * Returns whether cancellations of enclosing nodes are kept out.
   *
   * @return true if shielded
   */
  boolean isShielded();

  /**
   * Raises or drops the shield. A shield keeps out cancellations of enclosing nodes, not its own
   * and not its deadline. Dropping it delivers what was kept out at once, to sleepers too.
   *
   * @param shielded whether to shield
   */
  void setShielded(boolean shielded);

  /**
   * Returns this node's own deadline.
   *
   * @return nanoseconds on the run's clock, or {@link #NO_DEADLINE}
   */
  long deadline();

  /**
   * Moves this node's deadline. When it passes, the node is cancelled with {@link
   * CancelReason.Source#DEADLINE} in the next pass of the run's loop, not before. Moving it cannot
   * undo a cancel.
   *
   * @param deadline nanoseconds on the run's clock, or {@link #NO_DEADLINE}
   */
  void setDeadline(long deadline);

  /**
   * Gives this node a deadline that does not cancel it: when it passes, an error is raised in the
   * current task, once, at the task's next cancel point inside this node. A sleeping task is aborted
   * at once. Tasks spawned under this node get nothing. Takes the place of the node's deadline, as
   * {@link #setDeadline(long)} takes the place of this.
   *
   * <p>Shields inside this node defer the error, others do not. So do cancelled nodes: as long as
   * the task is under one, its cancel points raise {@link Cancelled}. Of several such errors that are
   * due a cancel point raises the outermost, that of {@link Task#interrupt(Supplier)} being outside
   * of all, and those further inside are dropped. What has not been raised when the node is left is
   * dropped.
   *
   * <p>Source: what Curio's {@code timeout_after} does to its task.
   *
   * @param deadline nanoseconds on the run's clock, or {@link #NO_DEADLINE}
   * @param error makes what is raised, on the run's thread
   * @throws IllegalStateException if the current task has not entered this node
   */
  void interruptAt(long deadline, Supplier<? extends Throwable> error);

  /**
   * Returns when cancel points directly under this node start to raise, as far as known. Of {@link
   * #interruptAt} the deadline counts until the error has been raised.
   *
   * @return the earliest deadline of this node and those that reach it, {@link Long#MIN_VALUE} if
   *     effectively cancelled already, {@link #NO_DEADLINE} if there is none
   */
  long effectiveDeadline();

  /**
   * Moves this node, with everything under it, under another parent; what comes under a
   * cancellation thereby is aborted at once. For handing a task over from one nursery to another:
   * no task may have entered the node, only spawned ones may live in it.
   *
   * @param newParent an open node of the same run, not under this one
   * @throws IllegalStateException if {@code newParent} is closed or of another run, or if this is the
   *     run's root
   */
  void moveUnder(CancelStatus newParent);

  /**
   * Returns whether no task and no node is directly under this node.
   *
   * @return true if empty
   */
  boolean isEmpty();
}
