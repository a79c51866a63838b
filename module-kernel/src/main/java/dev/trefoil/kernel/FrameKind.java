package dev.trefoil.kernel;

import dev.trefoil.hazmat.KeyboardInterruptProtected;
import dev.trefoil.hazmat.KeyboardInterrupts;
import java.util.Set;

/** What a frame means for the question whether the code on top of a stack may be interrupted. */
enum FrameKind {
  /** Code of the user. */
  USER,

  /** Says nothing: what of the platform only computes or sleeps, and the classes of lambdas. */
  NEUTRAL,

  /** Neutral, and where a thread is in it, it waits and will clear an interrupt that wakes it. */
  CLEARING_INTERRUPTS,

  /** Of the platform, and may be left by an error only where it waits. */
  NEUTRAL_WHILE_WAITING,

  /** Of the platform, and must not be left by an error that it does not expect. */
  DELICATE,

  /** Marked as protected. */
  PROTECTED,

  /** Where marked code calls out to the user's. */
  CALL_OUT,

  /** Where the task's own state holds: the beginning of its body, or a change of that state. */
  DECIDED_BY_TASK,

  /** Where a task was resumed: its frames that the JVM has not brought back yet belong here. */
  RESUMED,

  /** Protects all that it leads to: a class that is left half initialized or loaded stays broken. */
  UNTOUCHABLE;

  /**
   * What users wait and compute in. All else of the platform may hold a lock of all the process, or
   * build something up, like the linkage of a method.
   */
  private static final Set<String> HARMLESS =
      Set.of(
          "java.lang",
          "java.math",
          "java.text",
          "java.time",
          "java.util",
          "java.util.function",
          "java.util.regex",
          "java.util.stream",
          "jdk.internal.math",
          "jdk.internal.util");

  private static final Set<String> HARMLESS_WHILE_WAITING =
      Set.of("java.util.concurrent", "java.util.concurrent.locks", "jdk.internal.misc");

  /** An error out of this wait leaves without the lock that its caller is about to release. */
  private static final String CONDITION = "java.util.concurrent.locks.AbstractQueued";

  /** Who leaves these by an error stays in them, and gets what others hand over, which then is lost. */
  private static final Set<String> MEETINGS =
      Set.of("java.util.concurrent.LinkedTransferQueue", "java.util.concurrent.Exchanger");

  static FrameKind of(Class<?> type, String method) {
    if (method.equals("<clinit>") || ClassLoader.class.isAssignableFrom(type)) {
      return UNTOUCHABLE;
    }
    if (type == KernelTask.class && method.equals("execute")) {
      return DECIDED_BY_TASK;
    }
    if (type == ContinuationCoroutine.class && method.equals("resume")) {
      return RESUMED;
    }
    if (type == KeyboardInterrupts.class) {
      switch (method) {
        case "callOut":
          return CALL_OUT;
        case "withProtection":
          return DECIDED_BY_TASK;
        default:
          return PROTECTED;
      }
    }
    if (type.isHidden()) {
      return NEUTRAL;
    }
    if (type.getClassLoader() == null
        || type.getClassLoader() == ClassLoader.getPlatformClassLoader()) {
      return ofPlatform(type, method);
    }
    return isMarked(type) ? PROTECTED : USER;
  }

  private static FrameKind ofPlatform(Class<?> type, String method) {
    if ((type == Thread.class && method.equals("sleepNanos0"))
        || (type == Object.class && method.equals("wait0"))) {
      return CLEARING_INTERRUPTS;
    }
    if (type.getName().startsWith("java.lang.VirtualThread")
        || (type.getName().startsWith(CONDITION) && type.getName().contains("Condition"))
        || MEETINGS.contains(type.getNestHost().getName())) {
      return DELICATE;
    }
    if (HARMLESS.contains(type.getPackageName())) {
      return NEUTRAL;
    }
    return HARMLESS_WHILE_WAITING.contains(type.getPackageName())
        ? NEUTRAL_WHILE_WAITING
        : DELICATE;
  }

  private static boolean isMarked(Class<?> type) {
    Package home = type.getPackage();
    if (home != null && home.isAnnotationPresent(KeyboardInterruptProtected.class)) {
      return true;
    }
    try {
      for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
        if (outer.isAnnotationPresent(KeyboardInterruptProtected.class)) {
          return true;
        }
      }
    } catch (LinkageError outerIsNotThere) {
      // Then it has no mark either.
    }
    return false;
  }
}
