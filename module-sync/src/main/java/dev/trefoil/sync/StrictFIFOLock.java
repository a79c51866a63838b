package dev.trefoil.sync;

/**
 * A {@link Lock} whose order is part of what it is for: a program that takes this one says that it
 * depends on tasks getting the lock in the order in which they asked for it.
 *
 * <p>{@link Lock} is as fair. The two differ in what their users rely on, and so in what may be changed
 * one day.
 *
 * <p>Source: Trio's {@code StrictFIFOLock}.
 */
public final class StrictFIFOLock extends Lock {
  /** Makes a lock that nobody holds. */
  public StrictFIFOLock() {}

  /**
   * Makes a lock that nobody holds.
   *
   * @param name for people: what messages call it
   */
  public StrictFIFOLock(String name) {
    super(name);
  }
}
