package dev.trefoil.kernel;

import dev.trefoil.hazmat.KernelError;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A run on a foreign event loop: a pass for each job of the host's.
 *
 * <p>While there is nothing to do, a thread of its own sleeps in the run's I/O, and when something
 * has come asks the host for the next pass. So at any time exactly one of the two has the run: the
 * host's thread, between a request for a pass and the sleep that the pass ends with, or the sleeper.
 * What the sleeper looks at it gets with the request, through the queue.
 *
 * <p>Whoever has the run holds the {@link Turn}, and nobody else does. So when a host lets its jobs
 * go without executing them, the turn is garbage, and that is how it is noticed.
 */
final class HostedDrive {
  private static final System.Logger LOG = System.getLogger("dev.trefoil.kernel");
  private static final Cleaner CLEANER = Cleaner.create();

  /** For how long a host may take to replace its thread, as AWT's queue does, before it is misuse. */
  private static final long THREAD_CHANGE_MILLIS = 1_000;

  private final RunLoop loop;
  private final Executor host;
  private final Consumer<@Nullable KernelError> done;
  private final SynchronousQueue<Request> requests = new SynchronousQueue<>();
  private final Thread sleeper;
  private final long patienceNanos;
  private Thread hostThread = Thread.currentThread();

  /** When the host was asked for a pass that it has not begun; 0 if it has. */
  private volatile long askedAt;

  private volatile boolean finished;
  private volatile boolean abandoned;

  /** What the sleeper is to do: sleep and then ask for the turn, or end if there is no turn. */
  private record Request(@Nullable Turn turn, long nanos) {}

  HostedDrive(RunLoop loop, Executor host, Consumer<@Nullable KernelError> done) {
    this.loop = loop;
    this.host = host;
    this.done = done;
    this.patienceNanos = loop.blockedWarningNanos();
    this.sleeper =
        Thread.ofPlatform()
            .name("trefoil-" + loop.name() + "-sleeper")
            .daemon()
            .inheritInheritableThreadLocals(false)
            .unstarted(this::sleepOnRequest);
  }

  void start() {
    Turn turn = new Turn(this);
    CLEANER.register(turn, this::abandonIfNotOver);
    loop.attach();
    loop.leaveToHost(true);
    sleeper.start();
    askFromHost(turn);
  }

  /** The right to make the next pass, as a job for the host. */
  private static final class Turn implements Runnable {
    private final HostedDrive drive;

    Turn(HostedDrive drive) {
      this.drive = drive;
    }

    @Override
    public void run() {
      drive.pass(this);
    }

    @Override
    public String toString() {
      return "a pass of " + drive.loop;
    }
  }

  private void pass(Turn turn) {
    refuseOnSleeper();
    askedAt = 0;
    followHostThread();
    loop.leaveToHost(false);
    try {
      loop.guardedPass(0);
    } catch (KernelError hopeless) {
      finish(turn, hopeless);
      return;
    }
    if (!loop.isDriven()) {
      finish(turn, null);
      return;
    }
    loop.planPoll();
    loop.leaveToHost(true);
    if (loop.plannedTimeout() == 0) {
      askFromHost(turn);
    } else {
      request(new Request(turn, loop.plannedTimeout()));
    }
  }

  /** The run is not bound to that thread, and it could not wait for its own end. */
  private void refuseOnSleeper() {
    if (Thread.currentThread() == sleeper) {
      throw new IllegalStateException(
          "Expected the host of "
              + loop
              + " to execute jobs on its own thread, but it executed one inside execute(), on the"
              + " thread that brought it. Give the run a host that takes jobs to its thread.");
    }
  }

  private void askFromHost(Turn turn) {
    try {
      ask(turn);
    } catch (RuntimeException | Error refused) {
      loop.detach();
      throw refused;
    }
  }

  /** A host may replace its thread, but not have several. */
  private void followHostThread() {
    Thread now = Thread.currentThread();
    if (now == hostThread) {
      return;
    }
    boolean replaced = LoopThread.joinDeafToInterrupts(hostThread, THREAD_CHANGE_MILLIS);
    String before = hostThread.getName();
    hostThread = now;
    loop.moveToThread(now);
    if (!replaced) {
      loop.crash(
          new KernelError(
              "Expected the host of "
                  + loop
                  + " to execute all jobs on one thread, but it used '"
                  + before
                  + "' and, while that lives, '"
                  + now.getName()
                  + "'. Give the run a host with a single thread."));
    }
  }

  private void finish(Turn turn, @Nullable KernelError hopeless) {
    finished = true;
    Reference.reachabilityFence(turn);
    request(new Request(null, 0));
    LoopThread.joinDeafToInterrupts(sleeper, 0);
    loop.detach();
    KernelError failure = hopeless;
    try {
      loop.throwCrash();
    } catch (KernelError error) {
      failure = error;
    }
    done.accept(failure);
  }

  /** Asks the host for the next pass; one that refuses will not make any more. */
  private void ask(Turn turn) {
    askedAt = System.nanoTime() | 1;
    try {
      host.execute(turn);
    } catch (RuntimeException | Error refused) {
      abandon("refuses to execute its passes", refused);
      throw refused;
    }
  }

  /** The sleeper is always waiting for this when it is called, so it does not block. */
  private void request(Request request) {
    boolean interrupted = false;
    while (true) {
      try {
        requests.put(request);
        break;
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- the sleeper

  private void sleepOnRequest() {
    while (sleepOnce()) {}
  }

  /** A method of its own, so that no frame holds the turn while the host has it. */
  private boolean sleepOnce() {
    Request request = nextRequest();
    if (request == null || request.turn() == null) {
      return false;
    }
    loop.sleepForHost(request.nanos());
    try {
      ask(request.turn());
      return true;
    } catch (RuntimeException | Error refused) {
      return false;
    }
  }

  /** Waits for a request, and reports a host that lets the run wait for a turn. */
  private @Nullable Request nextRequest() {
    long reported = 0;
    while (!abandoned) {
      try {
        Request request = requests.poll(patienceNanos, TimeUnit.NANOSECONDS);
        if (request != null) {
          return request;
        }
      } catch (InterruptedException abandonedOrNobodysBusiness) {
        continue;
      }
      long since = askedAt;
      long waited = System.nanoTime() - since;
      if (since != 0 && since != reported && waited >= patienceNanos) {
        reported = since;
        reportSlowHost(waited);
      }
    }
    return null;
  }

  private void reportSlowHost(long nanos) {
    StringBuilder text =
        new StringBuilder("The host of ")
            .append(loop)
            .append(" has not executed its next pass for ")
            .append(nanos / 1_000_000)
            .append(
                " ms: no task runs, no deadline passes. Either something else keeps the host's"
                    + " thread, or the host has stopped and the run is abandoned; end a run before"
                    + " its host. The host's thread '")
            .append(hostThread.getName())
            .append(hostThread.isAlive() ? "' is here:" : "' has ended.");
    for (StackTraceElement frame : hostThread.getStackTrace()) {
      text.append("\n\tat ").append(frame);
    }
    log(text.toString(), null);
  }

  // ---- abandoned runs

  private void abandonIfNotOver() {
    if (!finished && !abandoned) {
      abandon("has dropped its next pass without executing it", null);
    }
  }

  private void abandon(String what, @Nullable Throwable cause) {
    abandoned = true;
    sleeper.interrupt();
    loop.abandon();
    log(
        loop
            + " is abandoned, and its tasks will never go on: the host "
            + what
            + ". Cancel a run and wait for its end before its host's loop ends.",
        cause);
  }

  private static void log(String text, @Nullable Throwable cause) {
    try {
      LOG.log(Level.WARNING, text, cause);
    } catch (Throwable loggingFailed) {
      // Nobody is left to tell.
    }
  }
}
