package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Trefoil;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Interrupts code from another thread, when that code says that it is ready; one at a time. */
final class Interrupter {
  /** Never set, and the compiler cannot know. */
  static volatile boolean never;

  private CountDownLatch ready;
  private volatile boolean raised;
  private Thread thread;

  interface Work {
    void run() throws Exception;
  }

  // ---- in a task

  /** From now on the current run is interrupted as soon as something is ready for it. */
  void begin() {
    Run run = Hazmat.currentRun();
    CountDownLatch awaited = new CountDownLatch(1);
    ready = awaited;
    raised = false;
    thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    if (awaited.await(30, TimeUnit.SECONDS)) {
                      run.raiseKeyboardInterrupt();
                      raised = true;
                    }
                  } catch (InterruptedException impossible) {
                    throw new AssertionError(impossible);
                  }
                });
  }

  void end() throws InterruptedException {
    thread.join();
  }

  /** What the work is left with, which is interrupted at once. */
  Throwable endOf(Work work) {
    ready.countDown();
    return leftWith(work);
  }

  static Throwable leftWith(Work work) {
    try {
      work.run();
      return null;
    } catch (Throwable error) {
      return error;
    }
  }

  static void passCheckpoints() {
    for (int i = 0; i < 3; i++) {
      Hazmat.yieldBriefly();
    }
  }

  // ---- in the code that is to be hit, or not

  static void spin() {
    while (!never) {
      Thread.onSpinWait();
    }
  }

  void spinWhenReady() {
    ready.countDown();
    spin();
  }

  /** Is ready, and gives the interrupt the time to do wrong; returns nothing. */
  Object outlive() {
    ready.countDown();
    while (!raised) {
      Thread.onSpinWait();
    }
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    return null;
  }

  // ---- around a run

  /** In a run whose main task does that work, the interrupt ends the work and nothing else. */
  void endsInMain(RunOptions options, Work work) throws Exception {
    AtomicBoolean wentOn = new AtomicBoolean();
    Trefoil.run(
        options,
        () -> {
          begin();
          assertThat(endOf(work)).isInstanceOf(KeyboardInterrupt.class);
          assertThat(Thread.currentThread().isInterrupted()).isFalse();
          assertThat(KeyboardInterrupts.currentlyProtected()).isFalse();
          end();
          passCheckpoints();
          wentOn.set(true);
        });
    assertThat(wentOn).isTrue();
  }

  /** In a run whose main task does that work, the interrupt hits what says there that it is ready. */
  void hitsIn(RunOptions options, Work work) throws Exception {
    Trefoil.run(
        options,
        () -> {
          begin();
          assertThatThrownBy(work::run).isInstanceOf(KeyboardInterrupt.class);
          assertThat(KeyboardInterrupts.currentlyProtected()).isFalse();
          end();
        });
  }

  /** In a run whose main task does that work, the interrupt waits for a checkpoint after it. */
  void waitsForACheckpointAfter(RunOptions options, Work work) throws Exception {
    Trefoil.run(
        options,
        () -> {
          begin();
          work.run();
          assertThatThrownBy(Interrupter::passCheckpoints).isInstanceOf(KeyboardInterrupt.class);
          end();
        });
  }

  // ---- many

  /** Starts a thread that interrupts whatever run there is, if any, until it is over. */
  static Thread againAndAgain(Supplier<Run> current, BooleanSupplier over, long pauseNanos) {
    return Thread.ofPlatform()
        .start(
            () -> {
              while (!over.getAsBoolean()) {
                Run run = current.get();
                if (run != null) {
                  run.raiseKeyboardInterrupt();
                }
                LockSupport.parkNanos(pauseNanos);
              }
            });
  }
}
