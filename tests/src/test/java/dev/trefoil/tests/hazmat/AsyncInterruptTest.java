package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Abort;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.KeyboardInterruptProtected;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.queues.PriorityQueue;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.threads.FromThread;
import dev.trefoil.threads.Portal;
import dev.trefoil.threads.ToThread;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Exchanger;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** Keyboard interrupts that hit the code that runs, where it is. */
@Tag("R16")
@Tag("R20")
@Timeout(60)
final class AsyncInterruptTest {
  private static final String EXPLODING = "(x+x+)+y\\1";

  /** Never set, and the compiler cannot know. */
  private static volatile boolean never;

  private final List<String> log = new ArrayList<>();
  private CountDownLatch ready = new CountDownLatch(1);
  private volatile Run run;
  private volatile boolean raised;
  private int counter;
  private final SplittableRandom random = new SplittableRandom(1);

  private interface Work {
    void run() throws Exception;
  }

  /** Starts a thread that raises an interrupt when the code says that it is ready. */
  private Thread interruptWhenReady() {
    run = Hazmat.currentRun();
    CountDownLatch awaited = ready;
    return Thread.ofPlatform()
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

  /** Starts a thread that raises interrupts in whatever run there is until it is over. */
  private Thread interruptAgainAndAgain(AtomicBoolean over, long pauseNanos) {
    return Thread.ofPlatform()
        .start(
            () -> {
              while (!over.get()) {
                Run now = run;
                if (now != null) {
                  now.raiseKeyboardInterrupt();
                }
                LockSupport.parkNanos(pauseNanos);
              }
            });
  }

  /** Returns what the work was left with. */
  private Throwable interrupted(Work work) {
    ready.countDown();
    return leftWith(work);
  }

  private static void passCheckpoints() {
    for (int i = 0; i < 3; i++) {
      Hazmat.yieldBriefly();
    }
  }

  private void mainIsInterruptedIn(RunOptions options, Work work) throws Exception {
    Trefoil.run(
        options,
        () -> {
          Thread interrupter = interruptWhenReady();
          Throwable error = interrupted(work);
          assertThat(error).isInstanceOf(KeyboardInterrupt.class);
          assertThat(Thread.currentThread().isInterrupted()).isFalse();
          assertThat(KeyboardInterrupts.currentlyProtected()).isFalse();
          interrupter.join();
          passCheckpoints();
          log.add("went on");
        });
    assertThat(log).containsExactly("went on");
  }

  @EveryBackend
  void anEndlessLoopIsLeft(RunOptions options) throws Exception {
    mainIsInterruptedIn(
        options,
        () -> {
          while (true) {
            counter++;
          }
        });
  }

  @EveryBackend
  void anEndlessLoopWithItsConditionAtTheEndIsLeft(RunOptions options) throws Exception {
    mainIsInterruptedIn(
        options,
        () -> {
          do {
            counter++;
          } while (!never);
        });
  }

  /** It is found in the same place all the time, and that is not one where it can be taken as it is. */
  @EveryBackend
  void aLoopThatOverflowsTheStackAgainAndAgainIsLeft(RunOptions options) throws Exception {
    mainIsInterruptedIn(
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
    mainIsInterruptedIn(
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
    mainIsInterruptedIn(
        options, () -> assertThat(Pattern.matches(EXPLODING, "x".repeat(60))).isFalse());
  }

  @EveryBackend
  void aSleepThatBlocksTheRunIsLeft(RunOptions options) throws Exception {
    blockedMainIsInterruptedIn(options, () -> Thread.sleep(TimeUnit.HOURS.toMillis(1)));
  }

  @EveryBackend
  void aWaitForAMonitorThatBlocksTheRunIsLeft(RunOptions options) throws Exception {
    Object monitor = new Object();
    blockedMainIsInterruptedIn(
        options,
        () -> {
          synchronized (monitor) {
            while (!never) {
              monitor.wait();
            }
          }
        });
  }

  @EveryBackend
  void aParkingThatBlocksTheRunIsLeft(RunOptions options) throws Exception {
    mainIsInterruptedIn(
        options,
        () -> {
          while (!never) {
            LockSupport.park();
          }
        });
  }

  @EveryBackend
  void aLatchThatBlocksTheRunIsLeft(RunOptions options) throws Exception {
    blockedMainIsInterruptedIn(options, () -> new CountDownLatch(1).await());
  }

  /** Its lock has to be taken again before it can be left. */
  @EveryBackend
  void aQueueThatBlocksTheRunIsLeft(RunOptions options) throws Exception {
    Trefoil.run(
        options,
        () -> {
          Thread interrupter = interruptWhenReady();
          LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
          Throwable error = interrupted(() -> waitThenSpin(queue::take));
          assertThat(error).isInstanceOf(KeyboardInterrupt.class);
          assertThat(queue.offer("usable")).isTrue();
          interrupter.join();
        });
  }

  @EveryBackend
  void aMeetingThatAnInterruptEndsIsLeft(RunOptions options) throws Exception {
    Trefoil.run(
        options,
        () -> {
          Thread interrupter = interruptWhenReady();
          SynchronousQueue<String> queue = new SynchronousQueue<>();
          Exchanger<String> exchanger = new Exchanger<>();
          Throwable error = interrupted(() -> waitThenSpin(queue::take));
          assertThat(error).isInstanceOf(KeyboardInterrupt.class);
          interrupter.join();
          assertThat(queue.offer("for nobody")).isFalse();
          ready = new CountDownLatch(1);
          interrupter = interruptWhenReady();
          error = interrupted(() -> waitThenSpin(() -> exchanger.exchange("for nobody")));
          assertThat(error).isInstanceOf(KeyboardInterrupt.class);
          interrupter.join();
          assertThatThrownBy(() -> exchanger.exchange("", 1, TimeUnit.MILLISECONDS))
              .isInstanceOf(TimeoutException.class);
        });
  }

  /** Nobody would clear it there, and code that waits would be told of what is not its affair. */
  @EveryBackend
  @Tag("R17")
  void codeThatIsProtectedIsNotFoundInterruptedByThemNorIsTheThreadAfterTheRun(RunOptions options)
      throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> interrupters = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      interrupters.add(interruptAgainAndAgain(over, 50_000));
    }
    for (int i = 0; i < 150; i++) {
      try {
        Trefoil.run(
            options,
            () -> {
              run = Hazmat.currentRun();
              waitAndWatchTheFlag();
            });
      } catch (KeyboardInterrupt expected) {
        log.add("hit");
      }
      if (Thread.interrupted()) {
        log.add("flag after the run");
      }
    }
    over.set(true);
    for (Thread interrupter : interrupters) {
      interrupter.join();
    }
    assertThat(log).contains("woken");
    log.removeAll(List.of("hit", "woken"));
    assertThat(log).isEmpty();
  }

  private void waitAndWatchTheFlag() {
    SynchronousQueue<String> queue = new SynchronousQueue<>();
    for (int i = 0; i < 10; i++) {
      try {
        queue.poll(random.nextInt(60_000), TimeUnit.NANOSECONDS);
      } catch (InterruptedException woken) {
        log.add("woken");
      }
      KeyboardInterrupts.enableProtection(
          () -> {
            for (int look = 0; look < 20_000; look++) {
              if (Thread.interrupted()) {
                log.add("flag in protected code");
              }
            }
            return null;
          });
    }
  }

  /** For a wait that may be woken before it is hit. */
  private void waitThenSpin(Work wait) throws Exception {
    try {
      wait.run();
    } catch (InterruptedException wokenFirst) {
      while (!never) {
        counter++;
      }
    }
  }

  /** An unmounted virtual thread cannot be thrown at, and is woken in the way of the platform. */
  private void blockedMainIsInterruptedIn(RunOptions options, Work work) throws Exception {
    if (options.backend() == Backend.CONTINUATION) {
      mainIsInterruptedIn(options, work);
      return;
    }
    mainIsInterruptedIn(options, () -> waitThenSpin(work));
  }

  @EveryBackend
  void whateverTaskRunsIsHitAndNoOther(RunOptions options) throws Exception {
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () ->
                        Nursery.open(
                            nursery -> {
                              Thread interrupter = interruptWhenReady();
                              nursery.spawn(
                                  () -> {
                                    ready.countDown();
                                    while (!never) {
                                      counter++;
                                    }
                                  });
                              try {
                                Trefoil.sleepForever();
                              } finally {
                                log.add("main was cancelled");
                                interrupter.join();
                              }
                            })))
        .isInstanceOfSatisfying(
            ExceptionGroup.class,
            group ->
                assertThat(group.exceptions())
                    .singleElement()
                    .isInstanceOf(KeyboardInterrupt.class));
    assertThat(log).containsExactly("main was cancelled");
  }

  @EveryBackend
  void itsStackShowsTheCodeThatWasHit(RunOptions options) throws Exception {
    Trefoil.run(
        options,
        () -> {
          interruptWhenReady();
          Throwable error = interrupted(AsyncInterruptTest::spin);
          assertThat(error.getStackTrace()).anyMatch(frame -> frame.getMethodName().equals("spin"));
        });
  }

  private static void spin() {
    while (!never) {
      Thread.onSpinWait();
    }
  }

  private void spinWhenReady() {
    ready.countDown();
    spin();
  }

  private void untilRaised() {
    while (!raised) {
      Thread.onSpinWait();
    }
    // Time for the interrupter to do wrong.
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  /** Far from its task's first frame, which is not on the thread's stack any more after a sleep. */
  private void deep(int levels, Work work) throws Exception {
    if (levels == 0) {
      Hazmat.yieldBriefly();
      work.run();
    } else {
      deep(levels - 1, work);
    }
  }

  private void codeIsHit(RunOptions options, Work work) throws Exception {
    Trefoil.run(
        options,
        () -> {
          Thread interrupter = interruptWhenReady();
          assertThatThrownBy(work::run).isInstanceOf(KeyboardInterrupt.class);
          interrupter.join();
        });
  }

  @EveryBackend
  void codeDeepInAStackThatWasSuspendedIsHit(RunOptions options) throws Exception {
    codeIsHit(options, () -> deep(1_000, this::spinWhenReady));
  }

  @EveryBackend
  @Tag("R17")
  void codeThatAPrimitiveCallsWithoutCallingOutIsProtectedWithIt(RunOptions options)
      throws Exception {
    itIsDeliveredAtACheckpointOnly(
        options,
        () -> {
          PriorityQueue<Integer> queue =
              PriorityQueue.create(
                  2,
                  (one, other) -> {
                    protectedWork();
                    return 0;
                  });
          queue.putNowait(1);
        });
  }

  @KeyboardInterruptProtected
  private static final class Primitive {
    private Primitive() {}

    static void callDirectly(Work work) throws Exception {
      work.run();
    }

    static void callOut(Work work) throws Exception {
      KeyboardInterrupts.callOut(work::run);
    }
  }

  @EveryBackend
  @Tag("R17")
  void whatAPrimitiveCallsDirectlyStaysProtectedThoughItSleepsDeepDown(RunOptions options)
      throws Exception {
    itIsDeliveredAtACheckpointOnly(
        options, () -> Primitive.callDirectly(() -> deep(1_000, this::protectedWork)));
  }

  @EveryBackend
  void whatAPrimitiveCallsOutToIsHitThoughItSleepsDeepDown(RunOptions options) throws Exception {
    codeIsHit(options, () -> Primitive.callOut(() -> deep(1_000, this::spinWhenReady)));
  }

  private Object protectedWork() {
    ready.countDown();
    untilRaised();
    return null;
  }

  private void itIsDeliveredAtACheckpointOnly(RunOptions options, Work work) throws Exception {
    Trefoil.run(
        options,
        () -> {
          Thread interrupter = interruptWhenReady();
          work.run();
          assertThatThrownBy(AsyncInterruptTest::passCheckpoints)
              .isInstanceOf(KeyboardInterrupt.class);
          interrupter.join();
        });
  }

  @EveryBackend
  @Tag("R17")
  @Tag("R18")
  void protectedCodeIsNotHitAndTheMainTaskMeetsItLater(RunOptions options) throws Exception {
    itIsDeliveredAtACheckpointOnly(
        options, () -> KeyboardInterrupts.enableProtection(this::protectedWork));
  }

  @EveryBackend
  @Tag("R17")
  void wrappersProtectAndExpose(RunOptions options) throws Exception {
    itIsDeliveredAtACheckpointOnly(
        options, () -> KeyboardInterrupts.protecting((Runnable) this::protectedWork).run());
  }

  @EveryBackend
  @Tag("R16")
  void codeExposedInsideProtectedCodeIsHit(RunOptions options) throws Exception {
    Runnable exposed = KeyboardInterrupts.exposing(this::spinWhenReady);
    Trefoil.run(
        options,
        () -> {
          interruptWhenReady();
          assertThatThrownBy(() -> KeyboardInterrupts.protecting(exposed).run())
              .isInstanceOf(KeyboardInterrupt.class);
          assertThat(KeyboardInterrupts.currentlyProtected()).isFalse();
        });
  }

  @EveryBackend
  @Tag("R17")
  @Tag("R18")
  void anAbortIsProtectedWhateverItSaysOfItself(RunOptions options) throws Exception {
    for (boolean protect : new boolean[] {true, false}) {
      ready = new CountDownLatch(1);
      raised = false;
      itIsDeliveredAtACheckpointOnly(
          options,
          () -> {
            CancelScope scope = CancelScope.create();
            Hazmat.spawnSystemTask(
                "aborted",
                () -> {
                  scope.run(() -> Hazmat.yieldIndefinitely(raise -> abort(protect)));
                  return null;
                });
            Testing.waitAllTasksBlocked();
            scope.cancel();
          });
    }
  }

  private Abort abort(boolean protect) {
    if (protect) {
      KeyboardInterrupts.enableProtection(this::protectedWork);
    } else {
      KeyboardInterrupts.disableProtection(this::protectedWork);
    }
    return Abort.SUCCEEDED;
  }

  @EveryBackend
  @Tag("R16")
  @Tag("R18")
  void anEntryCallThatHasSwitchedOffItsProtectionIsHit(RunOptions options) throws Exception {
    Trefoil.run(
        options,
        () -> {
          Thread interrupter = interruptWhenReady();
          Hazmat.currentCallSoonThreadAndSignalSafe()
              .callSoonThreadAndSignalSafe(
                  () -> {
                    Throwable error =
                        leftWith(() -> KeyboardInterrupts.disableProtection(this::spinWhenExposed));
                    log.add(error + " " + KeyboardInterrupts.currentlyProtected());
                  });
          Testing.waitAllTasksBlocked();
          interrupter.join();
        });
    assertThat(log)
        .singleElement()
        .satisfies(
            entry ->
                assertThat(entry).contains(KeyboardInterrupt.class.getName()).endsWith(" true"));
  }

  @EveryBackend
  @Tag("R16")
  @Tag("R18")
  void whatThreadsDoInTheRunIsHitAndTheyGetTheError(RunOptions options) throws Exception {
    Trefoil.run(
        options,
        () -> {
          Portal portal = Portal.current();
          List<Work> works =
              List.of(
                  () -> FromThread.run(() -> spinWhenExposed()),
                  () -> FromThread.runSync(() -> spinWhenExposed()),
                  () -> portal.run(() -> spinWhenExposed()),
                  () -> portal.runSync(() -> spinWhenExposed()));
          for (Work work : works) {
            ready = new CountDownLatch(1);
            raised = false;
            Thread interrupter = interruptWhenReady();
            Throwable error =
                KeyboardInterrupts.enableProtection(
                    () -> ToThread.runInThread(() -> leftWith(work)));
            assertThat(error).isInstanceOf(KeyboardInterrupt.class);
            interrupter.join();
            Hazmat.yieldBriefly();
          }
        });
  }

  private Object spinWhenExposed() {
    assertThat(KeyboardInterrupts.currentlyProtected()).isFalse();
    spinWhenReady();
    return null;
  }

  private static Throwable leftWith(Work work) {
    try {
      work.run();
      return null;
    } catch (Throwable error) {
      return error;
    }
  }

  @EveryBackend
  @Tag("T4")
  void aRunRestrictedToCheckpointsIsNeverHitElsewhere(RunOptions options) throws Exception {
    itIsDeliveredAtACheckpointOnly(
        options.withKeyboardInterruptsRestrictedToCheckpoints(), this::protectedWork);
  }

  private static AsyncInterruptTest initializing;

  private static String initialize() {
    initializing.protectedWork();
    return "whole";
  }

  private static final class WithContinuations {
    static final String VALUE = initialize();
  }

  private static final class WithVirtualThreads {
    static final String VALUE = initialize();
  }

  @EveryBackend
  @Tag("R17")
  void aClassInitializerIsNotLeftHalfway(RunOptions options) throws Exception {
    initializing = this;
    mainIsInterruptedIn(
        options,
        () -> {
          log.add(
              options.backend() == Backend.CONTINUATION
                  ? WithContinuations.VALUE
                  : WithVirtualThreads.VALUE);
          log.remove("whole");
          spin();
        });
    assertThat(WithContinuations.VALUE).isEqualTo("whole");
  }

  /** Initialized by the one who asks it first, on the way to its first frame. */
  static final class Fresh implements IntSupplier {
    static final class Value {
      static int value = slowly();

      private Value() {}

      private static int slowly() {
        int result = 0;
        for (int i = 0; i < 20_000; i++) {
          result = Math.max(result, i % 2);
        }
        return result;
      }
    }

    @Override
    public int getAsInt() {
      return Value.value;
    }
  }

  /** Defines those two anew. */
  private static final class Again extends ClassLoader {
    private static final Map<String, byte[]> CODE =
        Map.of(
            Fresh.class.getName(),
            code(Fresh.class),
            Fresh.Value.class.getName(),
            code(Fresh.Value.class));

    Again() {
      super(AsyncInterruptTest.class.getClassLoader());
    }

    private static byte[] code(Class<?> type) {
      String file = type.getName().replace('.', '/') + ".class";
      try (InputStream in = type.getClassLoader().getResourceAsStream(file)) {
        return in.readAllBytes();
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      byte[] code = CODE.get(name);
      return code == null
          ? super.loadClass(name, resolve)
          : defineClass(name, code, 0, code.length);
    }

    IntSupplier fresh() {
      try {
        var constructor = loadClass(Fresh.class.getName()).getDeclaredConstructor();
        constructor.setAccessible(true);
        return (IntSupplier) constructor.newInstance();
      } catch (ReflectiveOperationException impossible) {
        throw new AssertionError(impossible);
      }
    }
  }

  private void useForAWhile(IntSupplier fresh) {
    for (int i = 0; i < 200_000; i++) {
      counter += fresh.getAsInt();
    }
  }

  @EveryBackend
  @Tag("R17")
  void noClassIsLeftHalfInitializedHoweverOftenOneIsBegun(RunOptions options) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    List<Throwable> wrong = new ArrayList<>();
    Trefoil.run(
        options,
        () -> {
          run = Hazmat.currentRun();
          Thread interrupter = interruptAgainAndAgain(over, 100_000);
          KeyboardInterrupts.enableProtection(
              () -> {
                for (int i = 0; i < 1_000; i++) {
                  IntSupplier fresh = new Again().fresh();
                  try {
                    KeyboardInterrupts.exposing(() -> useForAWhile(fresh)).run();
                  } catch (KeyboardInterrupt expected) {
                    log.add("hit");
                  }
                  try {
                    assertThat(fresh.getAsInt()).isOne();
                  } catch (Throwable broken) {
                    wrong.add(broken);
                  }
                }
                over.set(true);
                interrupter.join();
                return null;
              });
          try {
            passCheckpoints();
          } catch (KeyboardInterrupt late) {
            log.add("late");
          }
        });
    assertThat(wrong).isEmpty();
    assertThat(log).contains("hit");
  }
}
