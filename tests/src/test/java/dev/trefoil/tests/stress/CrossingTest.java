package dev.trefoil.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.queues.MemoryChannel;
import dev.trefoil.queues.UniversalQueue;
import dev.trefoil.sync.CapacityLimiter;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.threads.FromThread;
import dev.trefoil.threads.Portal;
import dev.trefoil.threads.ThreadOptions;
import dev.trefoil.threads.ToThread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Foreign threads and tasks cross the border of a run in both directions, while tasks are cancelled and
 * threads interrupted at random; in the end all is accounted for.
 */
@Tag("R13")
@Tag("R51")
@Tag("R52")
@Tag("T45")
@Tag("T46")
@Tag("T49")
@Tag("T78")
final class CrossingTest {
  private static final int THREADS = 8;
  private static final int TASKS = 1_000;
  private static final Duration LENGTH = Duration.ofSeconds(30);

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Timeout(value = 150, threadMode = ThreadMode.SEPARATE_THREAD)
  void eightThreadsAndAThousandTasksLoseNothingInHalfAMinute(Backend backend) throws Exception {
    Crossing crossing = new Crossing(System.nanoTime());
    Trefoil.run(
        RunOptions.defaults().withBackend(backend).withBlockedWarningAfter(Duration.ZERO),
        crossing::run);
    crossing.check();
  }

  private static final class Crossing {
    final long seed;
    final AtomicReference<Throwable> wrong = new AtomicReference<>();
    volatile boolean over;

    // What threads have sent into the run, and what has arrived.
    final MemoryChannel<Integer> inward = MemoryChannel.open(10);
    final UniversalQueue<Integer> both = new UniversalQueue<>(10);
    final Set<Integer> sent = ConcurrentHashMap.newKeySet();
    final Set<Integer> put = ConcurrentHashMap.newKeySet();
    final Set<Integer> taken = ConcurrentHashMap.newKeySet();
    final BitSet received = new BitSet();
    int nextPut;

    // What tasks have had done on threads.
    final AtomicLong done = new AtomicLong();
    final AtomicLong doneAlone = new AtomicLong();
    long kept;
    long calledBack;
    final AtomicLong callsBack = new AtomicLong();
    long cancelled;
    long interrupted;

    Crossing(long seed) {
      this.seed = seed;
    }

    void run() {
      Portal portal = Portal.current();
      CapacityLimiter limiter = new CapacityLimiter(16);
      List<Thread> threads = new ArrayList<>();
      AtomicLong interrupts = new AtomicLong();
      for (int i = 0; i < THREADS; i++) {
        int number = i;
        threads.add(
            Thread.ofPlatform()
                .name("foreign-" + i)
                .start(() -> guarded(() -> foreign(number, portal, interrupts))));
      }
      try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
        Nursery.open(
            nursery -> {
              for (int i = 0; i < TASKS; i++) {
                SplittableRandom random = new SplittableRandom(seed + i);
                nursery.spawn(() -> task(random, limiter, executor));
              }
              SplittableRandom random = new SplittableRandom(seed - 1);
              CancelScope.moveOnAfter(
                  LENGTH,
                  () -> {
                    while (true) {
                      Trefoil.sleep(Duration.ofMillis(1));
                      threads.get(random.nextInt(THREADS)).interrupt();
                    }
                  });
              over = true;
              nursery.spawn(() -> drain(threads));
            });
      }
      ToThread.waitAllThreadsCompleted();
      interrupted = interrupts.get();
      note(
          () -> {
            assertThat(ToThread.activeThreadCount()).isZero();
            assertThat(limiter.borrowedTokens()).isZero();
            assertThat(limiter.statistics().tasksWaiting()).isZero();
            assertThat(Hazmat.currentRun().tasks()).hasSize(1);
            assertThat(inward.receiver().statistics().used()).isZero();
            assertThat(both.size()).isZero();
          });
    }

    /** Takes what is left until the threads have ended, which may wait for room, or for ever. */
    private void drain(List<Thread> threads) throws InterruptedException {
      while (threads.stream().anyMatch(Thread::isAlive)) {
        threads.forEach(Thread::interrupt);
        receive(Duration.ofMillis(1));
        take(Duration.ofMillis(1));
      }
      while (inward.receiver().statistics().used() > 0) {
        receive(Duration.ofSeconds(1));
      }
      while (both.size() > 0) {
        take(Duration.ofSeconds(1));
      }
    }

    // ---- threads

    private void foreign(int number, Portal portal, AtomicLong interrupts) throws Exception {
      int next = number;
      SplittableRandom random = new SplittableRandom(seed + 10_000 + number);
      while (!over) {
        int value = next;
        next += THREADS;
        try {
          switch (random.nextInt(4)) {
            case 0 -> {
              portal.run(
                  () -> {
                    inward.sender().send(value);
                    return null;
                  });
              sent.add(value);
            }
            case 1 -> {
              int twice = portal.runSync(() -> value * 2);
              assertThat(twice).isEqualTo(value * 2);
            }
            case 2 -> {
              both.put(-1 - value);
              sent.add(-1 - value);
            }
            default -> {
              Integer item = both.get();
              assertThat(taken.add(item)).as("%s taken once", item).isTrue();
            }
          }
        } catch (InterruptedException expected) {
          interrupts.incrementAndGet();
        }
      }
    }

    // ---- tasks

    private void task(SplittableRandom random, CapacityLimiter limiter, ExecutorService executor)
        throws Exception {
      while (!over) {
        CancelScope scope = CancelScope.withTimeout(Duration.ofNanos(random.nextLong(20_000_000)));
        int what = random.nextInt(7);
        scope.run(
            () -> {
              switch (what) {
                case 0 -> inThread(ThreadOptions.defaults().withLimiter(limiter), random);
                case 1 -> {
                  ToThread.runInThread(
                      ThreadOptions.defaults().withLimiter(limiter).withAbandonOnCancel(),
                      () -> {
                        doneAlone.incrementAndGet();
                        return null;
                      });
                }
                case 2 -> {
                  ToThread.runInExecutor(
                      executor,
                      () -> {
                        doneAlone.incrementAndGet();
                        return null;
                      });
                }
                case 3 -> callBack(limiter);
                case 4 -> {
                  int value = nextPut++;
                  both.put(1_000_000_000 + value);
                  put.add(1_000_000_000 + value);
                }
                case 5 -> note(() -> take(Duration.ofMillis(5)));
                default -> note(() -> receive(Duration.ofMillis(5)));
              }
            });
        if (scope.cancelledCaught()) {
          cancelled++;
        }
      }
    }

    private void inThread(ThreadOptions options, SplittableRandom random) {
      boolean late = random.nextInt(10) == 0;
      ToThread.runInThread(
          options,
          () -> {
            done.incrementAndGet();
            if (late) {
              Thread.yield();
            }
            return null;
          });
      kept++;
    }

    /** The thread has the task do something; a cancellation goes all the way. */
    private void callBack(CapacityLimiter limiter) throws InterruptedException {
      ToThread.runInThread(
          ThreadOptions.defaults().withLimiter(limiter),
          () -> {
            FromThread.run(
                () -> {
                  Hazmat.yieldBriefly();
                  calledBack++;
                  return null;
                });
            callsBack.incrementAndGet();
            return null;
          });
    }

    private void receive(Duration patience) {
      CancelScope.moveOnAfter(
          patience,
          () -> {
            int value = inward.receiver().receive();
            assertThat(received.get(value)).as("%s received once", value).isFalse();
            received.set(value);
          });
    }

    private void take(Duration patience) throws InterruptedException {
      CancelScope.moveOnAfter(
          patience,
          () -> {
            Integer item = both.get();
            assertThat(taken.add(item)).as("%s taken once", item).isTrue();
          });
    }

    // ---- the account

    private interface Step {
      void run() throws Exception;
    }

    private void guarded(Step step) {
      try {
        step.run();
      } catch (Throwable error) {
        wrong.compareAndSet(null, error);
      }
    }

    /** As {@link #guarded}, in a task. */
    private void note(Step step) {
      try {
        step.run();
      } catch (Cancelled passing) {
        throw passing;
      } catch (Throwable error) {
        wrong.compareAndSet(null, error);
      }
    }

    void check() {
      assertThat(wrong.get()).as("seed %s", seed).isNull();
      BitSet sentInward = new BitSet();
      Set<Integer> throughBoth = ConcurrentHashMap.newKeySet();
      throughBoth.addAll(put);
      for (int value : sent) {
        if (value < 0) {
          throughBoth.add(value);
        } else {
          sentInward.set(value);
        }
      }
      assertThat(received).isEqualTo(sentInward);
      assertThat(taken).isEqualTo(throughBoth);
      assertThat(done).hasValue(kept);
      assertThat(callsBack).hasValue(calledBack);
      // So that it does not pass because nothing of it happens.
      assertThat(List.of(kept, calledBack, cancelled, interrupted, doneAlone.get()))
          .allSatisfy(count -> assertThat(count).isPositive());
      assertThat(received.cardinality()).isPositive();
      System.out.printf(
          "crossed: %d in threads, %d back, %d alone, %d received, %d taken; %d cancelled, %d"
              + " interrupted%n",
          kept,
          calledBack,
          doneAlone.get(),
          received.cardinality(),
          taken.size(),
          cancelled,
          interrupted);
    }
  }
}
