package dev.trefoil.hazmat;

/** How a kernel suspends tasks. Behaviour is the same on both; speed and needs differ. */
public enum Backend {
  /** The continuation backend where the JVM allows it, and otherwise virtual threads. */
  AUTO,

  /**
   * The JVM's own continuations. Needs the flags {@code --add-exports java.base/jdk.internal.vm} and
   * {@code --add-opens java.base/java.lang}, which Trefoil's launchers and images pass.
   */
  CONTINUATION,

  /** One virtual thread for each task, of which exactly one runs at a time. Needs no flags. */
  VIRTUAL_THREAD
}
