package dev.trefoil.kernel;

import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Cuts the machinery of suspending off stacks that people will read. */
final class StackTraces {
  private static final String[] MACHINERY = {
    "dev.trefoil.kernel.",
    "jdk.internal.",
    "java.lang.VirtualThread",
    "java.lang.System$",
    "java.lang.invoke.",
    "java.util.concurrent.locks.LockSupport",
  };

  /** What is not a program's own: the platform, and Trefoil. */
  private static final Pattern LIBRARY =
      Pattern.compile(
          "(java|javax|jdk|sun)\\..*"
              + "|dev\\.trefoil\\."
              + "(hazmat|kernel|tasks|sync|queues|threads|signals|net|process|testing|osgi)\\..*");

  private StackTraces() {}

  /** The innermost frame of a program's own code, or null. */
  static @Nullable StackTraceElement innermostOfUser(StackTraceElement[] frames) {
    for (StackTraceElement frame : frames) {
      if (!LIBRARY.matcher(frame.getClassName()).matches()) {
        return frame;
      }
    }
    return null;
  }

  /** The frames of a task's own code, innermost first: without what is above and below it. */
  static StackTraceElement[] ofTask(StackTraceElement[] frames) {
    int from = 0;
    while (from < frames.length && isMachinery(frames[from])) {
      from++;
    }
    int to = frames.length;
    for (int place = from; place < frames.length; place++) {
      if (isBodyEntry(frames[place])) {
        to = place;
        break;
      }
    }
    // Between the body and its entry stand the capture of its outcome and adapters.
    while (to > from && isAdapter(frames[to - 1])) {
      to--;
    }
    return Arrays.copyOfRange(frames, from, to);
  }

  private static boolean isBodyEntry(StackTraceElement frame) {
    return frame.getClassName().equals(KernelTask.class.getName())
        && frame.getMethodName().equals("execute");
  }

  private static boolean isAdapter(StackTraceElement frame) {
    return frame.getClassName().equals("dev.trefoil.hazmat.KeyboardInterrupts")
        || frame.getClassName().equals("dev.trefoil.hazmat.ActionCallable");
  }

  private static boolean isMachinery(StackTraceElement frame) {
    for (String prefix : MACHINERY) {
      if (frame.getClassName().startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }
}
