package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.tests.hazmat.Interrupter.Work;
import java.math.BigInteger;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Exchanger;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** Keyboard interrupts in code that passes no checkpoint, and would not end by itself. */
@Tag("R16")
@Tag("R20")
@Timeout(60)
final class AsyncInterruptOfStuckCodeTest {
  private static final String EXPLODING = "(x+x+)+y\\1";

  private final Interrupter interrupter = new Interrupter();
  private int counter;

  // ---- code that goes on and on

  @EveryBackend
  void anEndlessLoopIsLeft(RunOptions options) throws Exception {
    interrupter.endsInMain(
        options,
        () -> {
          while (true) {
            counter++;
          }
        });
  }

  @EveryBackend
  void anEndlessLoopWithItsConditionAtTheEndIsLeft(RunOptions options) throws Exception {
    interrupter.endsInMain(
        options,
        () -> {
          do {
            counter++;
          } while (!Interrupter.never);
        });
  }

  /** It is found in the same place all the time, and that is not one where it can be taken as it is. */
  @EveryBackend
  void aLoopThatOverflowsTheStackAgainAndAgainIsLeft(RunOptions options) throws Exception {
    interrupter.endsInMain(
        options,
        () -> {
          long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
          while (System.nanoTime() < end) {
            try {
              counter += deeperAndDeeper(0);
            } catch (StackOverflowError expected) {
              counter++;
            }
          }
        });
  }

  @SuppressWarnings("InfiniteRecursion") // that is the point
  private static int deeperAndDeeper(int depth) {
    return deeperAndDeeper(depth + 1) + depth;
  }

  @EveryBackend
  void arithmeticIsLeft(RunOptions options) throws Exception {
    interrupter.endsInMain(
        options,
        () -> {
          BigInteger power = BigInteger.TWO;
          for (int i = 0; i < 1_000_000; i++) {
            power = power.multiply(power).mod(BigInteger.TWO.pow(100_000).subtract(BigInteger.ONE));
            power = power.add(BigInteger.valueOf(i));
          }
        });
  }

  @EveryBackend
  void anExplodingRegularExpressionIsLeft(RunOptions options) throws Exception {
    interrupter.endsInMain(
        options, () -> assertThat(Pattern.matches(EXPLODING, "x".repeat(60))).isFalse());
  }

  // ---- code that blocks the run

  @EveryBackend
  void aSleepThatBlocksTheRunIsLeft(RunOptions options) throws Exception {
    blockedMainEnds(options, () -> Thread.sleep(TimeUnit.HOURS.toMillis(1)));
  }

  @EveryBackend
  void aWaitForAMonitorThatBlocksTheRunIsLeft(RunOptions options) throws Exception {
    Object monitor = new Object();
    blockedMainEnds(
        options,
        () -> {
          synchronized (monitor) {
            while (!Interrupter.never) {
              monitor.wait();
            }
          }
        });
  }

  @EveryBackend
  void aParkingThatBlocksTheRunIsLeft(RunOptions options) throws Exception {
    interrupter.endsInMain(
        options,
        () -> {
          while (!Interrupter.never) {
            LockSupport.park();
          }
        });
  }

  @EveryBackend
  void aLatchThatBlocksTheRunIsLeft(RunOptions options) throws Exception {
    blockedMainEnds(options, () -> new CountDownLatch(1).await());
  }

  /** Its lock has to be taken again before it can be left. */
  @EveryBackend
  void aQueueThatBlocksTheRunIsLeft(RunOptions options) throws Exception {
    Trefoil.run(
        options,
        () -> {
          interrupter.begin();
          LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
          Throwable error = interrupter.endOf(() -> waitThenSpin(queue::take));
          assertThat(error).isInstanceOf(KeyboardInterrupt.class);
          assertThat(queue.offer("usable")).isTrue();
          interrupter.end();
        });
  }

  @EveryBackend
  void aMeetingThatAnInterruptEndsIsLeft(RunOptions options) throws Exception {
    Trefoil.run(
        options,
        () -> {
          interrupter.begin();
          SynchronousQueue<String> queue = new SynchronousQueue<>();
          Exchanger<String> exchanger = new Exchanger<>();
          Throwable error = interrupter.endOf(() -> waitThenSpin(queue::take));
          assertThat(error).isInstanceOf(KeyboardInterrupt.class);
          interrupter.end();
          assertThat(queue.offer("for nobody")).isFalse();
          interrupter.begin();
          error = interrupter.endOf(() -> waitThenSpin(() -> exchanger.exchange("for nobody")));
          assertThat(error).isInstanceOf(KeyboardInterrupt.class);
          interrupter.end();
          assertThatThrownBy(() -> exchanger.exchange("", 1, TimeUnit.MILLISECONDS))
              .isInstanceOf(TimeoutException.class);
        });
  }

  /** An unmounted virtual thread cannot be thrown at, and is woken in the way of the platform. */
  private void blockedMainEnds(RunOptions options, Work work) throws Exception {
    if (options.backend() == Backend.CONTINUATION) {
      interrupter.endsInMain(options, work);
      return;
    }
    interrupter.endsInMain(options, () -> waitThenSpin(work));
  }

  /** For a wait that may be woken before it is hit. */
  private void waitThenSpin(Work wait) throws Exception {
    try {
      wait.run();
    } catch (InterruptedException wokenFirst) {
      while (!Interrupter.never) {
        counter++;
      }
    }
  }
}
