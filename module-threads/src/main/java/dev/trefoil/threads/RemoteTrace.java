package dev.trefoil.threads;

/**
 * The innermost cause of what was thrown in a worker process and is thrown again in the task that waited
 * for it: tells where it was thrown first. The stack trace of the exception itself is that of the task.
 *
 * <p>Source: what Curio makes the {@code __cause__} of exceptions in {@code run_in_process}.
 */
public final class RemoteTrace extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long pid;
  private final String trace;

  RemoteTrace(long pid, String trace) {
    super("thrown in worker process " + pid + ":\n" + trace.strip(), null, false, false);
    this.pid = pid;
    this.trace = trace;
  }

  /**
   * Returns which process it was.
   *
   * @return the number that the system knew it by
   */
  public long pid() {
    return pid;
  }

  /**
   * Returns the whole stack trace, as it would have been printed there.
   *
   * @return several lines
   */
  public String trace() {
    return trace;
  }
}
