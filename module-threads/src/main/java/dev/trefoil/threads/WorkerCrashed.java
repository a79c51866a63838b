package dev.trefoil.threads;

/**
 * A worker process has ended in the middle of a call, so that nobody knows how far the call had got. That
 * is no answer of the call: what the body throws comes as it is. The next call gets another process.
 *
 * <p>It may have been killed by somebody, the system included when memory was short, may have called
 * {@link System#exit(int)}, or its JVM may have crashed; it may also not have come up in the first place.
 * What it printed about that is in the standard error of this process.
 *
 * <p>Source: {@code BrokenProcessPool} of Python's {@code concurrent.futures}.
 */
public final class WorkerCrashed extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int SIGNALLED = 128;
  private static final int LAST_SIGNAL = 64;

  private final int exitValue;

  WorkerCrashed(String what, int exitValue) {
    super(what + " It ended with " + describe(exitValue) + ".");
    this.exitValue = exitValue;
  }

  private static String describe(int exitValue) {
    int signal = exitValue - SIGNALLED;
    return signal > 0 && signal <= LAST_SIGNAL
        ? "exit value " + exitValue + ", as a process has that was ended by signal " + signal
        : "exit value " + exitValue;
  }

  /**
   * Returns what the process ended with.
   *
   * @return the status given to {@link System#exit(int)}; on Unix 128 more than the number of the signal
   *     that ended it, so 137 after {@code kill -9}
   */
  public int exitValue() {
    return exitValue;
  }
}
