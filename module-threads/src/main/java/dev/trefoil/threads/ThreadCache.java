package dev.trefoil.threads;

import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.Outcome;
import java.time.Duration;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads for jobs that block, without any limit: a job gets the thread that became idle last, or a new
 * one. Idle threads end after ten seconds. One cache serves the whole process.
 *
 * <p>For authors of primitives. It knows nothing of runs, and nobody waits for a job that is started
 * here; tasks use {@link ToThread#runInThread}.
 *
 * <p>The threads are daemons. A job sees the context class loader of the thread that started it, and its
 * interrupts end with it.
 *
 * <p>Source: Trio's {@code start_thread_soon}.
 */
public final class ThreadCache {
  private static final System.Logger LOG = System.getLogger(ThreadCache.class.getName());
  private static final long IDLE_NANOS = Duration.ofSeconds(10).toNanos();

  /** For how long a thread spins that expects a job: about what it costs to be parked and woken. */
  private static final long SPIN_NANOS = 20_000;

  private static final boolean SEVERAL_PROCESSORS = Runtime.getRuntime().availableProcessors() > 1;
  private static final AtomicLong LAST_WORKER = new AtomicLong();

  /** The last one first, so that those which are not needed become old. */
  private static final Deque<Worker> IDLE = new ConcurrentLinkedDeque<>();

  /** The one that may spin: the last to become idle, since that is to have the next job. */
  private static final AtomicReference<@Nullable Worker> SPINNING = new AtomicReference<>();

  private ThreadCache() {}

  /**
   * Runs a job on a thread, and gives its outcome to {@code deliver} on the same thread. Returns at
   * once; no checkpoint. From any thread.
   *
   * @param <T> the type of the job's result
   * @param name what the thread is called meanwhile, or {@code null} for a name that says it is one of
   *     these
   * @param job what to run; whatever it throws is its outcome
   * @param deliver takes the outcome; must neither block nor throw, since the thread may have been
   *     given its next job by then
   * @throws OutOfMemoryError if a thread is needed and the system has none to give; nothing was started
   */
  public static <T extends @Nullable Object> void startThreadSoon(
      @Nullable String name, Body<? extends T, ?> job, Consumer<? super Outcome<T>> deliver) {
    Objects.requireNonNull(job, "job: expected what to run on the thread, got null");
    Objects.requireNonNull(deliver, "deliver: expected who takes the outcome, got null");
    Job<T> next = new Job<>(name, job, deliver, Thread.currentThread().getContextClassLoader());
    Worker idle = IDLE.pollFirst();
    while (idle != null && !idle.job.compareAndSet(null, next)) {
      idle = IDLE.pollFirst();
    }
    if (idle == null) {
      new Worker(next).thread.start();
      return;
    }
    try {
      // A thread that does not park keeps the permit, which would end some wait of the job's.
      if (idle.parks) {
        LockSupport.unpark(idle.thread);
      }
    } catch (StackOverflowError tooDeepToWake) {
      // It is started all the same: the worker finds it when its time is over.
    }
  }

  private record Job<T extends @Nullable Object>(
      @Nullable String name,
      Body<? extends T, ?> body,
      Consumer<? super Outcome<T>> deliver,
      @Nullable ClassLoader contextClassLoader) {

    void run(Worker worker) {
      Thread thread = worker.thread;
      if (name != null) {
        thread.setName(name);
      }
      thread.setContextClassLoader(contextClassLoader);
      Outcome<T> outcome;
      try {
        outcome = Outcome.of(body.call());
      } catch (Throwable error) {
        outcome = Outcome.failure(error);
      }
      thread.setContextClassLoader(Worker.OWN_LOADER);
      if (!thread.getName().equals(worker.name)) {
        thread.setName(worker.name);
      }
      Thread.interrupted();
      // First idle, then known to have finished: who waits for the outcome may start the next job
      // here.
      IDLE.addFirst(worker);
      try {
        deliver.accept(outcome);
      } catch (Throwable error) {
        LOG.log(
            System.Logger.Level.ERROR,
            "What takes the outcome of a job must not throw, but " + deliver + " did.",
            error);
      }
    }
  }

  private static final class Worker implements Runnable {
    static final @Nullable ClassLoader OWN_LOADER = ThreadCache.class.getClassLoader();

    /** In place of a job of one that takes none any more. */
    private static final Job<?> RETIRED =
        new Job<@Nullable Object>(null, () -> null, none -> {}, null);

    /**
     * Whether to wait for the next job without parking at first: if the last one came so soon that parking
     * took most of the time.
     */
    private boolean spins;

    /** Whether it is parked or about to look for a job once more before it is. */
    private volatile boolean parks;

    final String name = "trefoil-worker-" + LAST_WORKER.incrementAndGet();
    final Thread thread;

    /**
     * The next one, or {@link #RETIRED}. Null while it is idle: whoever sets it decides what becomes of the
     * thread. To have been taken out of the idle ones does not decide anything, since who did that may
     * have met the end of the stack before setting it.
     */
    final AtomicReference<@Nullable Job<?>> job;

    Worker(Job<?> first) {
      job = new AtomicReference<>(first);
      thread =
          Thread.ofPlatform()
              .daemon()
              .name(name)
              .inheritInheritableThreadLocals(false)
              .unstarted(this);
      thread.setContextClassLoader(OWN_LOADER);
    }

    @Override
    public void run() {
      while (runNext()) {
        awaitNext();
      }
    }

    /** In a method of its own, so that no frame keeps the job while the thread is idle. */
    private boolean runNext() {
      Job<?> next = job.get();
      if (next == null || next == RETIRED) {
        return false;
      }
      job.set(null);
      next.run(this);
      return true;
    }

    /** Until there is a job, or none has come for long and none will come any more. */
    private void awaitNext() {
      long since = System.nanoTime();
      if (spins) {
        spinUntilNext(since);
      }
      if (job.get() == null) {
        parkUntilNext(since);
        spins = SEVERAL_PROCESSORS && System.nanoTime() - since < 2 * SPIN_NANOS;
      }
    }

    @SuppressWarnings("ThreadPriorityCheck") // only to be quicker if it helps
    private void spinUntilNext(long since) {
      SPINNING.set(this);
      while (spins && job.get() == null) {
        // Whoever is to give it one may want this very processor.
        Thread.yield();
        spins = SPINNING.get() == this && System.nanoTime() - since < SPIN_NANOS;
      }
      SPINNING.compareAndSet(this, null);
    }

    private void parkUntilNext(long since) {
      parks = true;
      while (job.get() == null) {
        long left = IDLE_NANOS - (System.nanoTime() - since);
        if (left > 0) {
          LockSupport.parkNanos(this, left);
        } else if (job.compareAndSet(null, RETIRED)) {
          IDLE.remove(this);
        }
        Thread.interrupted();
      }
      parks = false;
    }
  }
}
