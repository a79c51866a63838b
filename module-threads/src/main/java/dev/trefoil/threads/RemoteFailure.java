package dev.trefoil.threads;

/**
 * Stands for what a body threw in a worker process and could not be brought over: it cannot be
 * serialized, or its class is not one of those that are allowed here. Its cause is the {@link
 * RemoteTrace}.
 */
public final class RemoteFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String className;

  RemoteFailure(String description, String className, String whyNot, RemoteTrace trace) {
    super(
        description
            + " (this stands for the "
            + className
            + " itself, which could not be brought over: "
            + whyNot
            + ")",
        trace);
    this.className = className;
  }

  /**
   * Returns of which class the exception was.
   *
   * @return the name
   */
  public String className() {
    return className;
  }
}
