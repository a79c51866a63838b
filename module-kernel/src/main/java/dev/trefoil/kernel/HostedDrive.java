package dev.trefoil.kernel;

import dev.trefoil.hazmat.KernelError;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A run on a foreign event loop: a pass for each job of the host's.
 *
 * <p>While there is nothing to do, a thread of its own sleeps in the run's I/O, and when something
 * has come asks the host for the next pass. So at any time exactly one of the two has the run: the
 * host's thread, between a request for a pass and the sleep that the pass ends with, or the sleeper.
 * What the sleeper looks at it gets with the request, through the queue.
 */
final class HostedDrive {
  /** A request that ends the sleeper. */
  private static final long ENOUGH = -1;

  private final RunLoop loop;
  private final Executor host;
  private final Consumer<@Nullable KernelError> done;
  private final SynchronousQueue<Long> sleeps = new SynchronousQueue<>();
  private final Thread sleeper;

  HostedDrive(RunLoop loop, Executor host, Consumer<@Nullable KernelError> done) {
    this.loop = loop;
    this.host = host;
    this.done = done;
    this.sleeper =
        Thread.ofPlatform()
            .name("trefoil-" + loop.name() + "-sleeper")
            .daemon()
            .inheritInheritableThreadLocals(false)
            .unstarted(this::sleepOnRequest);
  }

  void start() {
    loop.attach();
    loop.leaveToHost(true);
    sleeper.start();
    host.execute(this::pass);
  }

  private void pass() {
    loop.leaveToHost(false);
    loop.guardedPass(0);
    if (!loop.isDriven()) {
      finish();
      return;
    }
    loop.planPoll();
    loop.leaveToHost(true);
    if (loop.plannedTimeout() == 0) {
      host.execute(this::pass);
    } else {
      request(loop.plannedTimeout());
    }
  }

  private void finish() {
    request(ENOUGH);
    LoopThread.joinDeafToInterrupts(sleeper);
    loop.detach();
    KernelError failure = null;
    try {
      loop.throwCrash();
    } catch (KernelError error) {
      failure = error;
    }
    done.accept(failure);
  }

  /** The sleeper is always waiting for this when it is called, so it does not block. */
  private void request(long nanos) {
    boolean interrupted = false;
    while (true) {
      try {
        sleeps.put(nanos);
        break;
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void sleepOnRequest() {
    while (true) {
      long nanos;
      try {
        nanos = sleeps.take();
      } catch (InterruptedException nobodysBusiness) {
        continue;
      }
      if (nanos == ENOUGH) {
        return;
      }
      loop.sleepForHost(nanos);
      host.execute(this::pass);
    }
  }
}
