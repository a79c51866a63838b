package dev.trefoil.kernel;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.KeyboardInterrupt;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Throws a keyboard interrupt in the code that a run executes, if that is unprotected.
 *
 * <p>It must never land in the kernel, a primitive, a class initializer; and those must not pay for
 * that. So nobody keeps book of what is protected. Instead:
 *
 * <ol>
 *   <li>The run's thread is suspended, and found to be in the same step as when the interrupt came.
 *   <li>Its stack is read from the top. Nearest to the top must be code of the user, apart from
 *       harmless code of the platform. Below it, marked code that has not called out to it protects
 *       it; otherwise the state of the task decides. See {@link FrameKind}. What the JVM has not
 *       brought back to the thread since the task slept is read from its continuation.
 *   <li>The interrupt is claimed, so that it is not delivered to the main task as well.
 *   <li>It is announced, {@code StopThread} makes it pending, and the thread is resumed. The JVM throws it
 *       at the next poll, which is where the thread stands; or if the JVM cannot throw there, at a
 *       later one, but before the thread gets past an entry into protected code, where it looks for
 *       announcements: {@code InterruptLanding} of the SPI.
 * </ol>
 *
 * <p>While the thread is suspended it may hold any lock of the platform. So nothing is done then that
 * could want one: what methods mean is looked up before, by number, and a number not seen yet is
 * looked up after the thread runs again, for the next attempt. There are further attempts for as
 * long as the step goes on and the interrupt has not been claimed, if all that stood in the way was the
 * moment; if the state of the task says no, it is the main task's affair.
 *
 * <p>A thread that waits where an error would do harm, or cannot be thrown as in a virtual thread that
 * is unmounted, is interrupted to get it out of there, and so is one if {@link Jvmti} is not to be had.
 * That is announced as well, so that the interrupt is not found by code that it was not meant for.
 */
final class AsyncInterrupter {
  private static final System.Logger LOG = System.getLogger("dev.trefoil.kernel");
  private static final long FIRST_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** What ends sooner by itself nobody misses the JVM's help for. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** The instructions from {@code ifeq} to {@code return}: branches, switches and returns. */
  private static final int FIRST_BRANCH = 0x99;

  private static final int LAST_RETURN = 0xb1;

  /** One at a time in the process, and all attempts of one interrupt by the same. */
  private static final Object TURN = new Object();

  private static final Map<Long, FrameKind> KINDS = new ConcurrentHashMap<>();

  private static boolean rehearsed;
  private static boolean rehearsedContinuations;
  private static boolean reported;

  private final RunLoop loop;
  private final long step;
  private final Jvmti.Bridge bridge = new Jvmti.Bridge();
  private final List<Long> unknown = new ArrayList<>();

  /** What {@link #framesToComeBack} are; not for all interrupts, as that would keep their classes. */
  private final Map<ContinuationCoroutine.Called, FrameKind> kinds = new HashMap<>();

  private final Set<ContinuationCoroutine.Called> unknownToComeBack = new HashSet<>();

  /** Of the stack that was looked at last, as are the next: whether its thread waits. */
  private boolean waiting;

  /** Whether it waits where it has to be woken first. */
  private boolean waits;

  /** Whether the JVM's own wait clears an interrupt. */
  private boolean clearsInterrupt;

  private boolean settled;

  /** Whether code of the user was met on the way down, and whether marked code called out to it. */
  private boolean user;

  private boolean calledOut;

  private boolean wokenByUs;

  /** Where the thread stood last, and where it had stood and was not any more. */
  private long lastPlace;

  private final Set<Long> left = new HashSet<>();

  private enum Verdict {
    /** Thrown, or somebody else's affair by now. */
    DONE,
    /** Not at this moment. */
    LATER,
    /** Waits where it has to be woken first. */
    WAITS,
    /** Depends on methods that have not been seen yet. */
    UNKNOWN,
    EXPOSED
  }

  private AsyncInterrupter(RunLoop loop, long step) {
    this.loop = loop;
    this.step = step;
  }

  /** Returns at once. The step is {@link ForeignCode#count()} when the interrupt came. */
  static void interrupt(RunLoop loop, long step) {
    AsyncInterrupter interrupter = new AsyncInterrupter(loop, step);
    Thread.ofPlatform()
        .name("trefoil-" + loop.name() + "-interrupter")
        .daemon()
        .inheritInheritableThreadLocals(false)
        .uncaughtExceptionHandler(interrupter.bridge)
        .start(interrupter::run);
  }

  private void run() {
    long begun = System.nanoTime();
    Refusal refusal = Refusal.NO_NATIVE_ACCESS;
    // Asked here, since the initialization of that class would be the first forbidden thing.
    if (AsyncInterrupter.class.getModule().isNativeAccessEnabled()) {
      try (Jvmti.Session session = Jvmti.open(bridge)) {
        rehearse(session);
        if (loop.backend() == Backend.CONTINUATION) {
          rehearseContinuations();
        }
        repeat(() -> attempt(session));
        return;
      } catch (Throwable failed) {
        refusal =
            new Refusal("this JVM does not let it, perhaps since a debugger is attached", failed);
      }
    }
    Refusal reason = refusal;
    try {
      repeat(() -> attemptToWake(System.nanoTime() - begun, reason));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Why the JVM's help is not to be had. */
  private record Refusal(String reason, @Nullable Throwable cause) {
    static final Refusal NO_NATIVE_ACCESS =
        new Refusal(
            "native access is not enabled: start the JVM with"
                + " --enable-native-access=dev.trefoil.kernel (ALL-UNNAMED instead of the module"
                + " name on the class path and in OSGi)",
            null);
  }

  private interface Attempt {
    Verdict make() throws Throwable;
  }

  private void repeat(Attempt attempt) throws Throwable {
    long pause = FIRST_PAUSE_NANOS;
    while (true) {
      Verdict verdict;
      synchronized (TURN) {
        verdict = attempt.make();
      }
      if (verdict == Verdict.DONE) {
        return;
      }
      if (verdict != Verdict.UNKNOWN) {
        LockSupport.parkNanos(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
      }
    }
  }

  private boolean isOver() {
    return loop.steps.foreignCode().count() != step || !loop.keyboardInterrupt().isRaised();
  }

  // ---- with the JVM's help

  private Verdict attempt(Jvmti.Session session) throws Throwable {
    Thread target = loop.runningStep().thread();
    if (isOver()) {
      return Verdict.DONE;
    }
    if (target == null) {
      return Verdict.LATER;
    }
    long thread = session.reference(target);
    KeyboardInterrupt error = Operations.keyboardInterrupt();
    long errorReference = session.reference(error);
    try {
      if (!session.suspend(thread)) {
        return Verdict.LATER;
      }
      Verdict verdict;
      try {
        verdict = isOver() ? Verdict.DONE : judge(session, thread);
        if (verdict == Verdict.EXPOSED) {
          verdict = hit(session, thread, target, errorReference);
          if (verdict == Verdict.DONE) {
            error.setStackTrace(StackTraces.ofTask(target.getStackTrace()));
          }
        }
        if (verdict == Verdict.WAITS) {
          loop.operations().announce(target, false);
        }
      } finally {
        session.resume(thread);
      }
      if (verdict == Verdict.UNKNOWN) {
        learn(session);
      } else if (verdict == Verdict.WAITS) {
        wokenByUs |= loop.operations().interruptAnnounced(target);
      }
      return verdict;
    } finally {
      session.release(errorReference);
      session.release(thread);
    }
  }

  /** What the stack says; the thread is suspended, and with it the run. */
  private Verdict judge(Jvmti.Session session, long thread) throws Throwable {
    waiting = session.isWaiting(thread);
    waits = false;
    clearsInterrupt = false;
    settled = false;
    user = false;
    calledOut = false;
    int depth = 0;
    for (int count = session.look(thread, 0); count > 0; count = session.look(thread, depth)) {
      if (depth == 0) {
        settled = isSettled(session, count);
      }
      for (int i = 0; i < count; i++) {
        FrameKind kind = KINDS.get(session.method(i));
        if (kind == null) {
          unknown.add(session.method(i));
        } else if (unknown.isEmpty()) {
          Verdict verdict = goDownTo(kind, depth + i == 0);
          if (verdict != null) {
            return verdict;
          }
        }
      }
      depth += count;
    }
    return unknown.isEmpty() ? Verdict.LATER : Verdict.UNKNOWN;
  }

  /** Returns null if what is below that frame matters as well. */
  private @Nullable Verdict goDownTo(FrameKind kind, boolean top) {
    switch (kind) {
      case USER -> {
        user = true;
        calledOut = false;
      }
      case NEUTRAL -> {}
      case CLEARING_INTERRUPTS -> clearsInterrupt = top;
      case NEUTRAL_WHILE_WAITING, DELICATE -> {
        if (!user && !(waiting && kind == FrameKind.NEUTRAL_WHILE_WAITING)) {
          if (!waiting) {
            return Verdict.LATER;
          }
          waits = true;
        }
      }
      case CALL_OUT -> {
        if (!user) {
          return Verdict.LATER;
        }
        calledOut = true;
      }
      case PROTECTED -> {
        if (!calledOut) {
          return Verdict.LATER;
        }
      }
      case RESUMED -> {
        return user ? goDownToThoseToComeBack() : Verdict.LATER;
      }
      case DECIDED_BY_TASK -> {
        if (!user) {
          return Verdict.LATER;
        }
        if (loop.runningStep().isProtectedByState()) {
          return Verdict.DONE;
        }
        if (waits) {
          return Verdict.WAITS;
        }
        return settled ? Verdict.EXPOSED : Verdict.LATER;
      }
      case UNTOUCHABLE -> {
        return Verdict.LATER;
      }
    }
    return null;
  }

  private Verdict goDownToThoseToComeBack() {
    for (ContinuationCoroutine.Called frame : loop.runningStep().framesToComeBack()) {
      FrameKind kind = kinds.get(frame);
      if (kind == null) {
        unknownToComeBack.add(frame);
      } else if (unknownToComeBack.isEmpty()) {
        Verdict verdict = goDownTo(kind, false);
        if (verdict != null) {
          return verdict;
        }
      }
    }
    return unknownToComeBack.isEmpty() ? Verdict.LATER : Verdict.UNKNOWN;
  }

  /**
   * Whether an error would not be thrown out of a class initializer that has no frame yet. A thread can
   * be stopped by the JVM while it makes a class ready for the instruction that needs it. So what stands
   * at a branch or a return is taken as it is, and what stands elsewhere only where it has been seen
   * before and has gone on since, or where a caller of it stands in a call that has been made. It has
   * not gone on while it only loads a class or initializes another one, for the same instruction: from
   * there it comes back to the JVM, which then begins with the initializer that it is all about.
   *
   * <p>That leaves a conditional branch right before the first use of a class, if the JVM stops the thread
   * there in order to go on in its interpreter: the error can then be thrown after the branch only. The
   * interface does not tell this from a loop that comes by its branch, and such a loop may stand nowhere
   * else; nor whether what follows a branch has been used before.
   */
  private boolean isSettled(Jvmti.Session session, int count) throws Throwable {
    long method = session.method(0);
    long location = session.location(0);
    long place = place(session, 0);
    if (place != lastPlace) {
      if (!isCaller(session, count, lastPlace, false)) {
        left.add(lastPlace);
      }
      lastPlace = place;
    }
    if (location < 0) {
      return waiting;
    }
    int instruction = session.instruction(method, location);
    return (instruction >= FIRST_BRANCH && instruction <= LAST_RETURN)
        || left.contains(place)
        // What overflows the stack again and again is stopped at the same call each time.
        || isCaller(session, count, place, true);
  }

  private static long place(Jvmti.Session session, int frame) {
    return session.method(frame) * 31 + session.location(frame);
  }

  /** Whether a frame stands there in a call of the user's code, or else in one that may be the JVM's. */
  private static boolean isCaller(
      Jvmti.Session session, int count, long place, boolean ofUserCode) {
    for (int caller = 1; caller < count; caller++) {
      if (place(session, caller) == place
          && (KINDS.get(session.method(caller - 1)) == FrameKind.USER) == ofUserCode) {
        return true;
      }
    }
    return false;
  }

  private Verdict hit(Jvmti.Session session, long thread, Thread target, long error)
      throws Throwable {
    if (!loop.keyboardInterrupt().claim()) {
      return Verdict.DONE;
    }
    // The JVM interrupts whom it stops. A sleep or wait of its own ends by that only, and clears
    // it.
    boolean clear = !clearsInterrupt && (wokenByUs || !target.isInterrupted());
    loop.operations().announce(target, clearsInterrupt);
    if (!session.stop(thread, error)) {
      loop.operations().withdrawAnnouncement();
      loop.keyboardInterrupt().unclaim();
      return Verdict.WAITS;
    }
    if (clear) {
      session.clearInterrupt(thread);
    }
    return Verdict.DONE;
  }

  private void learn(Jvmti.Session session) throws Throwable {
    for (long method : unknown) {
      Class<?> declaring = session.declaringClass(method);
      KINDS.put(
          method,
          declaring == null
              ? FrameKind.UNTOUCHABLE
              : FrameKind.of(declaring, session.methodName(method)));
    }
    unknown.clear();
    for (ContinuationCoroutine.Called frame : unknownToComeBack) {
      kinds.put(frame, FrameKind.of(frame.type(), frame.method()));
    }
    unknownToComeBack.clear();
  }

  /**
   * Everything once, with a thread that holds no lock: what is done while a thread is suspended must
   * not be the first of its kind, since loading and linking take locks.
   */
  private void rehearse(Jvmti.Session session) throws Throwable {
    synchronized (TURN) {
      if (rehearsed) {
        return;
      }
      Thread parked = Thread.ofPlatform().daemon().unstarted(LockSupport::park);
      parked.setUncaughtExceptionHandler((thread, error) -> {});
      parked.start();
      long thread = session.reference(parked);
      long error = session.reference(Operations.keyboardInterrupt());
      for (int i = 0; i < Jvmti.USES_UNTIL_SETTLED; i++) {
        if (session.suspend(thread)) {
          Verdict ignored = judge(session, thread);
          session.stop(thread, 0);
          session.resume(thread);
        }
        learn(session);
      }
      Operations.keyboardInterrupt().setStackTrace(StackTraces.ofTask(parked.getStackTrace()));
      loop.operations().announce(parked, false);
      loop.operations().withdrawAnnouncement();
      left.clear();
      session.suspend(thread);
      int ignoredInstruction = session.instruction(session.method(1), 0);
      session.stop(thread, error);
      session.clearInterrupt(thread);
      session.resume(thread);
      session.release(error);
      session.release(thread);
      rehearsed = true;
    }
  }

  /** The same for what only these need. */
  private void rehearseContinuations() {
    synchronized (TURN) {
      if (rehearsedContinuations) {
        return;
      }
      ContinuationCoroutine[] suspended = new ContinuationCoroutine[1];
      ContinuationCoroutine coroutine =
          (ContinuationCoroutine)
              new ContinuationCoroutine.Factory()
                  .create(() -> Objects.requireNonNull(suspended[0]).suspend());
      suspended[0] = coroutine;
      coroutine.resume();
      for (int i = 0; i < Jvmti.USES_UNTIL_SETTLED; i++) {
        for (ContinuationCoroutine.Called frame : coroutine.framesToComeBack()) {
          kinds.putIfAbsent(frame, FrameKind.DELICATE);
          unknownToComeBack.add(frame);
        }
        unknownToComeBack.clear();
      }
      kinds.clear();
      coroutine.resume();
      rehearsedContinuations = true;
    }
  }

  // ---- without

  private Verdict attemptToWake(long elapsedNanos, Refusal refusal) {
    Thread target = loop.runningStep().thread();
    if (isOver()) {
      return Verdict.DONE;
    }
    if (target == null) {
      return Verdict.LATER;
    }
    if (loop.runningStep().isProtectedByState()) {
      return Verdict.DONE;
    }
    if (!wokenByUs && waits(target)) {
      wake(target);
    }
    if (elapsedNanos >= PATIENCE_NANOS) {
      report(refusal);
      return wokenByUs ? Verdict.DONE : Verdict.LATER;
    }
    return Verdict.LATER;
  }

  /** Only a thread that waits in its task's code cannot leave that unnoticed. */
  private void wake(Thread target) {
    Operations operations = loop.operations();
    operations.announce(target, false);
    if (waits(target) && !isOver()) {
      wokenByUs = operations.interruptAnnounced(target);
    } else {
      operations.withdrawAnnouncement();
    }
  }

  private static boolean waits(Thread target) {
    Thread.State state = target.getState();
    return (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING)
        && !(LockSupport.getBlocker(target) instanceof Coroutine);
  }

  private static synchronized void report(Refusal refusal) {
    if (reported) {
      return;
    }
    reported = true;
    LOG.log(
        Level.WARNING,
        "A keyboard interrupt cannot break code that passes no checkpoint, and is delivered at the"
            + " main task's next cancel point, since "
            + refusal.reason
            + ".",
        refusal.cause);
  }
}
