package dev.trefoil.kernel;

/** Knows the thread that the JVM calls {@code main} in. */
final class MainThread {
  /**
   * What is older than the JVM's reference handler, which lives as long as the JVM, is the main
   * thread. Names would not do, anybody can give them.
   */
  private static final long FIRST_OF_OTHERS = idOfReferenceHandler();

  private MainThread() {}

  static boolean isCurrent() {
    return Thread.currentThread().threadId() < FIRST_OF_OTHERS;
  }

  private static long idOfReferenceHandler() {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    while (root.getParent() != null) {
      root = root.getParent();
    }
    Thread[] threads = new Thread[root.activeCount() + 16];
    int count = root.enumerate(threads, false);
    for (int i = 0; i < count; i++) {
      if (threads[i].getName().equals("Reference Handler")) {
        return threads[i].threadId();
      }
    }
    return 0;
  }
}
