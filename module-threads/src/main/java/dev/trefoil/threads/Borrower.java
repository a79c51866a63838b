package dev.trefoil.threads;

/** Stands for a thread or a process with a limiter; equal to itself alone. */
final class Borrower {
  private final String what;
  private final String taskName;

  Borrower(String what, String taskName) {
    this.what = what;
    this.taskName = taskName;
  }

  @Override
  public String toString() {
    return what + " of task '" + taskName + "'";
  }
}
