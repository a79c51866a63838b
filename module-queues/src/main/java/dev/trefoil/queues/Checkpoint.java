package dev.trefoil.queues;

import dev.trefoil.hazmat.Hazmat;

/** The second half of a checkpoint, of an operation that has given or taken something. */
final class Checkpoint {
  private Checkpoint() {}

  /**
   * Lets others run, unless the task cannot be suspended here, as in a static initializer or where the
   * stack ends. An error would be no use then: the operation has happened, and who gets an error instead of
   * an item has lost it.
   */
  static void pass() {
    try {
      Hazmat.yieldBrieflyNoCancel();
    } catch (IllegalStateException | StackOverflowError notSuspended) {
      // The task goes on without having let others run.
    }
  }
}
