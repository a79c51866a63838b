package dev.trefoil.kernel;

import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.CancelStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A node of the cancellation tree.
 *
 * <p>Invariant, outside {@link #recalculate()}: {@code effectivelyCancelled == (reason != null ||
 * parentCancellationVisible())}. So cancel points read one field, and the cost of keeping it right
 * falls on those who cancel.
 *
 * <p>Children and tasks are linked lists through the members, so that entering and leaving take
 * constant time and no memory. They are also what programs do where the stack is about to end: each
 * change of the lists is one method that calls nothing, so an overflow comes before all of it or not
 * at all. What must call something makes sure of its stack first.
 */
final class CancelNode extends Timer implements CancelStatus {
  private static final byte OPEN = 0;

  /** Open; a task is or was in here that has to leave again. */
  private static final byte ENTERED = 1;

  /** Nothing can be put into it any more, but it stays, cancelled, until it is empty. */
  private static final byte CLOSED = 2;

  /** Closed, empty, and no longer in the tree. */
  private static final byte DETACHED = 3;

  private final RunLoop loop;
  private final Object owner;
  private @Nullable CancelNode parent;
  private @Nullable CancelReason reason;
  private boolean shielded;
  private boolean effectivelyCancelled;

  /**
   * A short cut upwards past nodes that are all cancelled from above, so that those who ask for the
   * reason need not each go all the way. Good as long as {@code shortcutAge} is the loop's.
   */
  private @Nullable CancelNode shortcut;

  private int shortcutAge;

  /** One of the stages, which only counts up. A byte, since it is scopes that a run has most of. */
  private byte stage = OPEN;

  /** What the deadline does instead of cancelling this node; null if it cancels. */
  private @Nullable Interrupt interrupt;

  private @Nullable CancelNode firstChild;
  private @Nullable CancelNode lastChild;
  private @Nullable CancelNode previousSibling;
  private @Nullable CancelNode nextSibling;

  private @Nullable KernelTask<?> firstTask;
  private @Nullable KernelTask<?> lastTask;

  CancelNode(RunLoop loop, @Nullable CancelNode parent, Object owner) {
    this.loop = loop;
    this.owner = Objects.requireNonNull(owner, "owner");
    if (parent != null) {
      parent.addChild(this);
      effectivelyCancelled = parent.effectivelyCancelled;
    }
    loop.openNodes++;
  }

  RunLoop loop() {
    return loop;
  }

  boolean isClosed() {
    return stage >= CLOSED;
  }

  /** Whether this node or any around it is cancelled, shields or not. From any thread, at a guess. */
  boolean isCancelledFromAnywhere() {
    CancelNode node = this;
    while (node != null && node.reason == null) {
      node = node.parent;
    }
    return node != null;
  }

  @Nullable CancelNode parentNode() {
    return parent;
  }

  @Override
  public @Nullable CancelStatus parent() {
    return parent;
  }

  @Override
  public Object owner() {
    return owner;
  }

  @Override
  public CancelStatus newChild(Object childOwner) {
    loop.requireBound("make a cancel status");
    if (stage >= CLOSED) {
      throw new IllegalStateException(
          "Expected an open cancel status, but " + this + " was closed: its scope has been left.");
    }
    // Whoever makes a node enters or closes it next, from the same place, and must be able to.
    loop.stack.requireLittle();
    return new CancelNode(loop, this, childOwner);
  }

  // ---- entering and leaving

  @Override
  public void enter() {
    loop.requireBound("enter a cancel status");
    KernelTask<?> task = loop.steps.suspendableTask("enter a cancel status");
    if (stage >= CLOSED || task.node() != parent) {
      throw new IllegalStateException(
          "Expected to enter "
              + this
              + " once, from the scope it was made in, but "
              + task
              + (stage >= CLOSED ? " finds it closed." : " is inside " + task.node() + "."));
    }
    stage = ENTERED;
    takeOver(task);
  }

  @Override
  public void leave() {
    loop.requireBound("leave a cancel status");
    KernelTask<?> task = loop.steps.suspendableTask("leave a cancel status");
    CancelNode innermost = task.node();
    CancelNode outside = parent;
    if (outside == null || !task.hasEntered(this) || (stage >= CLOSED && innermost != this)) {
      throw new IllegalStateException(
          "Expected "
              + task
              + " to leave a scope that it has entered, but it is inside "
              + innermost
              + " and has not entered "
              + this
              + (stage >= CLOSED ? ", which is closed. " : ". ")
              + MISNESTING_ADVICE);
    }
    if (innermost == this && firstChild == null && firstTask == lastTask && stage < CLOSED) {
      // A deadline first: without it the node is a scope all the same, as it is not without a task.
      loop.deadlines().remove(this);
      dropInterrupt();
      closeEmpty(outside, task);
      return;
    }
    loop.stack.require();
    outside.takeOver(task);
    innermost.detachIfAbandoned();
    innermost.closeUpTo(this);
    boolean othersInside = firstTask != null || holdsOpenNode();
    giveUp();
    if (innermost != this) {
      throw new IllegalStateException(
          this
              + " was left while "
              + innermost
              + " inside it was still open. Everything inside has been cancelled. "
              + MISNESTING_ADVICE);
    }
    if (othersInside) {
      throw new IllegalStateException(
          this
              + " was left while tasks or scopes were still inside it. They have been cancelled. "
              + MISNESTING_ADVICE);
    }
  }

  /** Whether there is a node inside that somebody should have left; one that was given up is not. */
  private boolean holdsOpenNode() {
    CancelNode child = firstChild;
    while (child != null && child.stage >= CLOSED) {
      child = child.nextSibling;
    }
    return child != null;
  }

  /** Gives up this node and those around it that are inside {@code outside}, which stays open. */
  void closeUpTo(CancelNode outside) {
    CancelNode inner = this;
    while (inner != null && inner != outside) {
      CancelNode next = inner.parent;
      try {
        inner.cancel(CancelReason.of(CancelReason.Source.ABANDONED));
      } finally {
        inner.giveUp();
      }
      inner = next;
    }
  }

  static final String MISNESTING_ADVICE =
      "Scopes must be left in the reverse order of entering them, by the task that entered them."
          + " The fault is in the code that enters and leaves by hand: use a form that takes a"
          + " body.";

  @Override
  public void close() {
    loop.requireBound("close a cancel status");
    if (!isEmpty()) {
      loop.stack.require();
    }
    giveUp();
  }

  /** Foreign code may run in here, and close this node or its parent: each step looks anew. */
  private void giveUp() {
    CancelNode up = parent;
    if (stage >= CLOSED || up == null) {
      return;
    }
    loop.deadlines().remove(this);
    dropInterrupt();
    if (isEmpty()) {
      closeEmpty(up, null);
      up.detachIfAbandoned();
    } else {
      stage = CLOSED;
      cancel(CancelReason.of(CancelReason.Source.ABANDONED));
    }
  }

  /** Closes a node in which nothing is, or nothing but a task, which goes up. Calls nothing. */
  private void closeEmpty(CancelNode up, @Nullable KernelTask<?> last) {
    if (last != null) {
      firstTask = null;
      lastTask = null;
      last.previousInNode = up.lastTask;
      if (up.lastTask == null) {
        up.firstTask = last;
      } else {
        up.lastTask.nextInNode = last;
      }
      up.lastTask = last;
      last.node = up;
    }
    stage = DETACHED;
    loop.openNodes--;
    CancelNode previous = previousSibling;
    CancelNode next = nextSibling;
    if (previous == null) {
      up.firstChild = next;
    } else {
      previous.nextSibling = next;
    }
    if (next == null) {
      up.lastChild = previous;
    } else {
      next.previousSibling = previous;
    }
    previousSibling = null;
    nextSibling = null;
  }

  /** Takes this node out of the tree if it is closed and empty, and then those above likewise. */
  void detachIfAbandoned() {
    CancelNode node = this;
    while (node != null && node.stage == CLOSED && node.isEmpty()) {
      CancelNode up = node.parent;
      if (up != null) {
        node.closeEmpty(up, null);
      }
      node = up;
    }
  }

  // ---- cancelling

  @Override
  public void cancel(CancelReason why) {
    Objects.requireNonNull(why, "reason");
    loop.requireBound("cancel");
    if (reason != null) {
      return;
    }
    reason = why;
    try {
      loop.deadlines().remove(this);
      if (stage != DETACHED) {
        recalculate();
      }
    } catch (Throwable fault) {
      loop.aborts.faulted = true;
      throw fault;
    }
    if (why.source() == CancelReason.Source.DEADLINE) {
      loop.instruments().deadlineFired(this);
    }
  }

  @Override
  public @Nullable CancelReason reason() {
    return reason;
  }

  @Override
  public boolean effectivelyCancelled() {
    return effectivelyCancelled;
  }

  @Override
  public boolean parentCancellationVisible() {
    CancelNode up = parent;
    return !shielded && up != null && up.effectivelyCancelled;
  }

  @Override
  public boolean isShielded() {
    return shielded;
  }

  @Override
  public void setShielded(boolean value) {
    loop.requireBound("change a shield");
    if (shielded == value) {
      return;
    }
    if (value) {
      forgetShortcuts();
    }
    shielded = value;
    if (stage == DETACHED) {
      return;
    }
    try {
      recalculate();
      if (!value) {
        deliverInterrupts();
      }
    } catch (Throwable fault) {
      loop.aborts.faulted = true;
      throw fault;
    }
  }

  /** The reason that a cancel point under this node reports: that of the outermost visible cancel. */
  CancelReason responsibleReason() {
    CancelNode outermost = this;
    while (outermost.parentCancellationVisible()) {
      outermost = outermost.nextTowardsReason();
    }
    for (CancelNode node = this; node != outermost; ) {
      CancelNode next = node.nextTowardsReason();
      node.shortcut = outermost;
      node.shortcutAge = loop.shortcutAge;
      node = next;
    }
    return Objects.requireNonNull(outermost.reason, "asked for a reason without being cancelled");
  }

  private CancelNode nextTowardsReason() {
    CancelNode far = shortcutAge == loop.shortcutAge ? shortcut : null;
    return far != null ? far : Objects.requireNonNull(parent);
  }

  /** Before this node ceases to be cancelled from above: no way to the reason leads past it. */
  private void forgetShortcuts() {
    shortcut = null;
    if (firstChild != null && effectivelyCancelled) {
      loop.shortcutAge++;
    }
  }

  /**
   * Restores the invariant below and at this node, then aborts the sleepers that came under a
   * cancellation. In two phases, because abort functions may cancel and shield on their own; each
   * sleeper is looked at again before it is aborted.
   */
  private void recalculate() {
    boolean now = reason != null || parentCancellationVisible();
    if (now == effectivelyCancelled) {
      return;
    }
    if (firstChild == null && firstTask == lastTask) {
      effectivelyCancelled = now;
      if (now && firstTask != null) {
        loop.aborts.deliver(firstTask);
      }
      return;
    }
    List<KernelTask<?>> affected = new ArrayList<>();
    ArrayDeque<CancelNode> todo = new ArrayDeque<>();
    todo.add(this);
    for (CancelNode node = todo.poll(); node != null; node = todo.poll()) {
      boolean cancelled = node.reason != null || node.parentCancellationVisible();
      if (cancelled == node.effectivelyCancelled) {
        continue;
      }
      node.effectivelyCancelled = cancelled;
      for (CancelNode child = node.firstChild; child != null; child = child.nextSibling) {
        todo.add(child);
      }
      if (cancelled) {
        for (KernelTask<?> task = node.firstTask; task != null; task = task.nextInNode) {
          if (task.isAbortable()) {
            affected.add(task);
          }
        }
      }
    }
    for (KernelTask<?> task : affected) {
      loop.aborts.deliver(task);
    }
  }

  /** After a shield is gone: what was sent to single tasks below does not depend on any node. */
  private void deliverInterrupts() {
    if (firstChild == null && firstTask == lastTask) {
      if (firstTask != null) {
        loop.aborts.deliver(firstTask);
      }
      return;
    }
    for (KernelTask<?> task : TaskDumper.allTasks(this)) {
      loop.aborts.deliver(task);
    }
  }

  /** Restores the invariant at and below this node after a fault, wherever it was broken. */
  void recalculateAll() {
    loop.shortcutAge++;
    ArrayDeque<CancelNode> todo = new ArrayDeque<>();
    todo.add(this);
    for (CancelNode node = todo.poll(); node != null; node = todo.poll()) {
      node.effectivelyCancelled = node.reason != null || node.parentCancellationVisible();
      if (node.reason != null) {
        loop.deadlines().remove(node);
      }
      for (CancelNode child = node.firstChild; child != null; child = child.nextSibling) {
        todo.add(child);
      }
    }
  }

  // ---- deadlines

  @Override
  public long deadline() {
    return deadline;
  }

  @Override
  public void setDeadline(long value) {
    loop.requireBound("set a deadline");
    if (reason != null || stage >= CLOSED) {
      forgetInterrupt();
      deadline = value;
      return;
    }
    if (value == NO_DEADLINE) {
      loop.deadlines().remove(this);
      deadline = value;
    } else {
      loop.deadlines().put(this, value);
    }
    forgetInterrupt();
    loop.noteChange();
  }

  @Override
  public void interruptAt(long value, Supplier<? extends Throwable> error) {
    Objects.requireNonNull(error, "error");
    loop.requireBound("set a deadline");
    KernelTask<?> task = loop.steps.suspendableTask("set a deadline for a task");
    if (!task.hasEntered(this)) {
      throw new IllegalStateException(
          "Expected "
              + task
              + " to set a deadline for itself in a scope that it has entered, but it has not"
              + " entered "
              + this
              + ".");
    }
    Interrupt instead = new Interrupt(task, error);
    setDeadline(value);
    if (reason == null && stage < CLOSED) {
      interrupt = instead;
    }
  }

  /** Returns the task that has to be interrupted now, or null. */
  @Nullable KernelTask<?> deadlinePassed() {
    Interrupt instead = interrupt;
    if (instead == null) {
      cancel(CancelReason.of(CancelReason.Source.DEADLINE));
      return null;
    }
    loop.deadlines().remove(this);
    instead.due = true;
    instead.task.countDueInterrupts(1);
    loop.instruments().deadlineFired(this);
    return instead.task;
  }

  /** Makes what the task that entered this node has to be interrupted with by now; or null. */
  @Nullable Supplier<? extends Throwable> dueInterrupt() {
    Interrupt pending = interrupt;
    return pending != null && pending.due ? pending.error : null;
  }

  /** To be called when the deadline is no longer in the heap, since it goes as well. */
  void dropInterrupt() {
    if (interrupt != null) {
      forgetInterrupt();
      deadline = NO_DEADLINE;
    }
  }

  private void forgetInterrupt() {
    Interrupt dropped = interrupt;
    interrupt = null;
    if (dropped != null && dropped.due) {
      dropped.task.countDueInterrupts(-1);
    }
  }

  private static final class Interrupt {
    private final KernelTask<?> task;
    private final Supplier<? extends Throwable> error;
    private boolean due;

    Interrupt(KernelTask<?> task, Supplier<? extends Throwable> error) {
      this.task = task;
      this.error = error;
    }
  }

  @Override
  public long effectiveDeadline() {
    if (effectivelyCancelled) {
      return Long.MIN_VALUE;
    }
    long earliest = NO_DEADLINE;
    for (CancelNode node = this; node != null; node = node.shielded ? null : node.parent) {
      earliest = Math.min(earliest, node.deadline);
    }
    return earliest;
  }

  // ---- the lists

  @Override
  public boolean isEmpty() {
    return firstTask == null && firstChild == null;
  }

  @Override
  public void moveUnder(CancelStatus target) {
    loop.requireBound("move a cancel status");
    CancelNode from = parent;
    if (!(target instanceof CancelNode to)
        || to.loop != loop
        || to.stage >= CLOSED
        || stage >= CLOSED
        || from == null) {
      throw new IllegalStateException(
          "Expected to move an open cancel status under another open one of the same run, got "
              + this
              + " and "
              + target
              + ".");
    }
    if (stage == ENTERED) {
      throw new IllegalStateException(
          "Expected to move a cancel status that only spawned tasks live in, but "
              + this
              + " was entered by a task, which has to leave it where it is.");
    }
    if (to.isAtOrUnder(this)) {
      throw new IllegalStateException(
          "Expected a new parent outside of " + this + ", but " + target + " is under it.");
    }
    loop.stack.require();
    forgetShortcuts();
    from.removeChild(this);
    to.addChild(this);
    from.detachIfAbandoned();
    recalculate();
  }

  private boolean isAtOrUnder(CancelNode ancestor) {
    CancelNode node = this;
    while (node != null && node != ancestor) {
      node = node.parent;
    }
    return node != null;
  }

  @Nullable CancelNode firstChild() {
    return firstChild;
  }

  @Nullable CancelNode nextSibling() {
    return nextSibling;
  }

  @Nullable KernelTask<?> firstTask() {
    return firstTask;
  }

  private void addChild(CancelNode child) {
    child.parent = this;
    child.previousSibling = lastChild;
    if (lastChild == null) {
      firstChild = child;
    } else {
      lastChild.nextSibling = child;
    }
    lastChild = child;
  }

  private void removeChild(CancelNode child) {
    CancelNode previous = child.previousSibling;
    CancelNode next = child.nextSibling;
    if (previous == null) {
      firstChild = next;
    } else {
      previous.nextSibling = next;
    }
    if (next == null) {
      lastChild = previous;
    } else {
      next.previousSibling = previous;
    }
    child.previousSibling = null;
    child.nextSibling = null;
  }

  void addTask(KernelTask<?> task) {
    task.previousInNode = lastTask;
    if (lastTask == null) {
      firstTask = task;
    } else {
      lastTask.nextInNode = task;
    }
    lastTask = task;
  }

  /** Moves a task from where it is into this node. Calls nothing. */
  void takeOver(KernelTask<?> task) {
    CancelNode from = task.node;
    KernelTask<?> previous = task.previousInNode;
    KernelTask<?> next = task.nextInNode;
    if (previous == null) {
      from.firstTask = next;
    } else {
      previous.nextInNode = next;
    }
    if (next == null) {
      from.lastTask = previous;
    } else {
      next.previousInNode = previous;
    }
    task.nextInNode = null;
    task.previousInNode = lastTask;
    if (lastTask == null) {
      firstTask = task;
    } else {
      lastTask.nextInNode = task;
    }
    lastTask = task;
    task.node = this;
  }

  /** Takes a task that has ended out of the tree. */
  void removeTask(KernelTask<?> task) {
    KernelTask<?> previous = task.previousInNode;
    KernelTask<?> next = task.nextInNode;
    if (previous == null) {
      firstTask = next;
    } else {
      previous.nextInNode = next;
    }
    if (next == null) {
      lastTask = previous;
    } else {
      next.previousInNode = previous;
    }
    task.previousInNode = null;
    task.nextInNode = null;
    detachIfAbandoned();
  }

  @Override
  public String toString() {
    return "the scope of " + owner;
  }
}
