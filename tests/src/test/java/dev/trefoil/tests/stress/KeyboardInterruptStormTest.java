package dev.trefoil.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KeyboardInterrupt;
import dev.trefoil.hazmat.KeyboardInterrupts;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.queues.LifoQueue;
import dev.trefoil.queues.MemoryChannel;
import dev.trefoil.queues.PriorityQueue;
import dev.trefoil.queues.Queue;
import dev.trefoil.queues.SafeChannel;
import dev.trefoil.queues.Select;
import dev.trefoil.queues.UnboundedQueue;
import dev.trefoil.queues.UniversalQueue;
import dev.trefoil.sync.Barrier;
import dev.trefoil.sync.BoundedSemaphore;
import dev.trefoil.sync.CapacityLimiter;
import dev.trefoil.sync.Condition;
import dev.trefoil.sync.Event;
import dev.trefoil.sync.Latch;
import dev.trefoil.sync.Lock;
import dev.trefoil.sync.Lockable;
import dev.trefoil.sync.RLock;
import dev.trefoil.sync.ReadWriteLock;
import dev.trefoil.sync.Result;
import dev.trefoil.sync.Semaphore;
import dev.trefoil.sync.StrictFIFOLock;
import dev.trefoil.sync.UniversalEvent;
import dev.trefoil.sync.UniversalResult;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskGroup;
import dev.trefoil.tasks.TaskLocal;
import dev.trefoil.tasks.Timeout;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.threads.FromThread;
import dev.trefoil.threads.ToThread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keyboard interrupts at random moments, into tasks that use everything there is. */
@Tag("R16")
@Tag("R20")
final class KeyboardInterruptStormTest {
  private static final int INTERRUPTS = 20_000;
  private static final int WORKERS = 6;
  private static final Duration SHORT = Duration.ofNanos(200_000);

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @org.junit.jupiter.api.Timeout(240)
  void twentyThousandLeaveEverythingWholeAndFree(Backend backend) throws Exception {
    Storm storm = new Storm();
    Thread[] driver = new Thread[1];
    Trefoil.run(
        RunOptions.defaults().withBackend(backend).withBlockedWarningAfter(Duration.ofSeconds(20)),
        () -> {
          Run run = Hazmat.currentRun();
          driver[0] = Thread.ofPlatform().start(() -> storm.raise(run));
          KeyboardInterrupts.enableProtection(
              () -> {
                storm.live();
                return null;
              });
        });
    driver[0].join();
    assertThat(storm.wrong).isEmpty();
    // So that it does not pass because they all went to the main task. How many hit a worker
    // depends on
    // how busy the machine is: 1,700 to 6,700 were seen.
    assertThat(storm.hitsInWorkers).isGreaterThan(INTERRUPTS / 50);
    assertThat(storm.rounds).isGreaterThan(10);
  }

  private interface Use {
    void run() throws Exception;
  }

  private static final class Storm {
    final List<String> wrong = new ArrayList<>();
    int hitsInWorkers;
    int rounds;
    private volatile boolean over;
    private SplittableRandom random = new SplittableRandom(1);
    private int work;

    // ---- from outside

    void raise(Run run) {
      SplittableRandom pauses = new SplittableRandom(2);
      for (int i = 0; i < INTERRUPTS; i++) {
        run.raiseKeyboardInterrupt();
        LockSupport.parkNanos(pauses.nextInt(1_500_000));
      }
      over = true;
    }

    // ---- in the main task

    void live() {
      while (!over) {
        rounds++;
        Everything all = new Everything();
        try {
          Nursery.open(
              nursery -> {
                for (int i = 0; i < WORKERS; i++) {
                  nursery.spawn(() -> work(all));
                }
              });
        } catch (ExceptionGroup group) {
          check(group);
        } catch (KeyboardInterrupt expected) {
          // Met by the main task itself.
        }
        free(all);
      }
      while (true) {
        try {
          for (int i = 0; i < 5; i++) {
            Hazmat.yieldBriefly();
          }
          break;
        } catch (KeyboardInterrupt late) {
          // One that was still on its way.
        }
      }
    }

    private void check(ExceptionGroup group) {
      for (Throwable error : group.exceptions()) {
        if (error instanceof ExceptionGroup inner) {
          check(inner);
        } else if (!(error instanceof KeyboardInterrupt || error instanceof Cancelled)) {
          java.io.StringWriter text = new java.io.StringWriter();
          group.printStackTrace(new java.io.PrintWriter(text));
          wrong.add(text.toString());
        }
      }
    }

    private void free(Everything all) {
      for (String left : all.left()) {
        wrong.add("round " + rounds + ": " + left);
      }
      if (!wrong.isEmpty()) {
        over = true;
      }
    }

    // ---- in the workers, unprotected

    private void work(Everything all) throws Exception {
      List<Use> uses = all.uses(this);
      while (!over) {
        try {
          if (random.nextInt(4) == 0) {
            all.withoutASwitch(this);
          } else {
            uses.get(random.nextInt(uses.size())).run();
          }
        } catch (KeyboardInterrupt hit) {
          hitsInWorkers++;
          if (hitsInWorkers % 20 == 0) {
            throw hit;
          }
        } catch (ExceptionGroup group) {
          check(group);
          hitsInWorkers++;
        }
      }
    }

    /** Code of the user, in which most of them should come down. */
    void compute() {
      spin(random.nextInt(20) == 0 ? 1_000_000 : 50);
    }

    void spin(int bound) {
      for (int i = random.nextInt(bound); i > 0; i--) {
        work = work * 31 + i;
      }
    }
  }

  /** One of each, shared by the tasks of a round. */
  private static final class Everything {
    private final ParkingLot lot = new ParkingLot();
    private final Lock lock = new Lock();
    private final Lock strict = new StrictFIFOLock();
    private final RLock reentrant = new RLock();
    private final ReadWriteLock readWrite = new ReadWriteLock();
    private final Semaphore semaphore = new Semaphore(2);
    private final BoundedSemaphore bounded = new BoundedSemaphore(2);
    private final CapacityLimiter limiter = new CapacityLimiter(2);
    private final Condition condition = new Condition();
    private final Event event = new Event();
    private final Barrier barrier = new Barrier(2);
    private final UniversalEvent universalEvent = new UniversalEvent();
    private final Queue<Integer> queue = new Queue<>(2);
    private final PriorityQueue<Integer> priorities = PriorityQueue.create(3);
    private final LifoQueue<Integer> stack = new LifoQueue<>(2);
    private final UnboundedQueue<Integer> unbounded = new UnboundedQueue<>();
    private final UniversalQueue<Integer> universal = new UniversalQueue<>(2);
    private final MemoryChannel<Integer> channel = MemoryChannel.open(1);
    private final MemoryChannel<Integer> rendezvous = MemoryChannel.open(0);
    private final TaskLocal<Integer> local = TaskLocal.create();
    private boolean condemned;

    private void within(Use use) throws Exception {
      CancelScope.moveOnAfter(SHORT, use::run);
    }

    private Use held(Storm storm, Lockable lockable) {
      return () ->
          lockable.withLock(
              () -> {
                storm.compute();
                if (storm.random.nextInt(4) == 0) {
                  Hazmat.yieldBriefly();
                }
                storm.compute();
              });
    }

    List<Use> uses(Storm storm) {
      List<Use> uses = new ArrayList<>();
      for (Lockable lockable :
          List.of(
              lock,
              strict,
              reentrant,
              readWrite.readLock(),
              readWrite.writeLock(),
              semaphore,
              bounded,
              limiter,
              condition)) {
        uses.add(held(storm, lockable));
      }
      uses.add(() -> reentrant.withLock(() -> reentrant.withLock(storm::compute)));
      uses.add(
          () ->
              within(
                  () ->
                      condition.withLock(
                          () ->
                              condition.awaitFor(
                                  () -> {
                                    condemned = !condemned;
                                    return condemned;
                                  }))));
      uses.add(() -> condition.withLock(condition::signalAll));
      uses.add(() -> within(event::await));
      uses.add(
          () -> {
            event.set();
            storm.compute();
            event.clear();
          });
      uses.add(() -> within(barrier::await));
      uses.add(
          () -> {
            Latch latch = new Latch(1);
            Result<Integer> result = new Result<>();
            Nursery.open(
                nursery -> {
                  nursery.spawn(latch::await);
                  nursery.spawn(result::await);
                  storm.compute();
                  latch.countDown();
                  result.setValue(1);
                });
          });
      uses.add(() -> within(universalEvent::await));
      uses.add(
          () -> {
            universalEvent.set();
            storm.compute();
            universalEvent.clear();
          });
      uses.add(
          () -> {
            UniversalResult<Integer> result = new UniversalResult<>();
            result.setValue(1);
            result.await();
          });
      uses.add(() -> within(() -> lot.park()));
      uses.add(() -> lot.unpark());
      for (Queue<Integer> each : List.of(queue, priorities, stack)) {
        uses.add(() -> within(() -> each.put(storm.random.nextInt(100))));
        uses.add(() -> within(each::get));
      }
      uses.add(() -> unbounded.put(1));
      uses.add(() -> within(unbounded::getBatch));
      uses.add(() -> within(() -> universal.put(1)));
      uses.add(() -> within(universal::get));
      for (MemoryChannel<Integer> each : List.of(channel, rendezvous)) {
        uses.add(() -> within(() -> each.sender().send(1)));
        uses.add(() -> within(() -> each.receiver().receive()));
        uses.add(
            () ->
                Select.<Object, RuntimeException>any(
                    Select.onReceive(each.receiver(), item -> storm.compute()),
                    Select.onSend(rendezvous.sender(), 1, storm::compute),
                    Select.onTimeout(SHORT, storm::compute)));
        uses.add(
            () -> {
              try (var sender = each.sender().clone()) {
                storm.compute();
                sender.statistics();
              }
            });
      }
      uses.add(
          () ->
              SafeChannel.<Integer, Exception>open(
                  out -> {
                    storm.compute();
                    out.send(1);
                  },
                  in -> in.forEach(item -> storm.compute())));
      uses.add(
          () ->
              Nursery.open(
                  nursery -> {
                    nursery.spawn(storm::compute);
                    nursery.start(status -> status.started(1));
                    storm.compute();
                  }));
      uses.add(() -> Timeout.timeoutAfter(Duration.ofMinutes(1), () -> storm.compute()));
      uses.add(
          () ->
              TaskGroup.<Integer, Exception>open(
                  TaskGroup.Wait.ALL,
                  group -> {
                    group.spawn(() -> 1);
                    storm.compute();
                  }));
      uses.add(() -> local.runWith(1, storm::compute));
      uses.add(() -> CancelScope.create().shielded().run(() -> Hazmat.yieldBriefly()));
      uses.add(Hazmat::yieldBriefly);
      uses.add(() -> Trefoil.sleep(SHORT));
      uses.add(
          () ->
              Hazmat.currentCallSoonThreadAndSignalSafe()
                  .callSoonThreadAndSignalSafe(() -> storm.work++));
      uses.add(() -> Hazmat.spawnSystemTask("aside", () -> storm.work++));
      uses.add(
          () ->
              ToThread.<Object, Exception>runInThread(
                  () ->
                      FromThread.<Object, Exception>run(
                          () -> {
                            storm.compute();
                            Hazmat.yieldBriefly();
                            return null;
                          })));
      return uses;
    }

    /** In and out of primitives for so long that an interrupt comes down somewhere in between. */
    private void withoutASwitch(Storm storm) {
      Queue<Integer> own = new Queue<>();
      MemoryChannel<Integer> ownChannel = MemoryChannel.open(MemoryChannel.UNLIMITED);
      for (int i = 0; i < 1_000; i++) {
        event.set();
        event.clear();
        universalEvent.set();
        universalEvent.clear();
        own.putNowait(i);
        storm.spin(20);
        own.getNowait();
        ownChannel.sender().sendNowait(i);
        ownChannel.receiver().receiveNowait();
        storm.spin(20);
        unbounded.put(i);
        local.runWith(i, () -> storm.spin(20));
        CancelScope.create().run(() -> storm.spin(20));
        lot.unpark();
        new Latch(1).countDown();
        new Result<Integer>().setValue(i);
        condition.statistics();
      }
    }

    /** What is not as it should be when no task uses any of it. */
    List<String> left() {
      List<String> left = new ArrayList<>();
      require(
          left,
          "tasks",
          Hazmat.currentRun().tasks().stream().filter(task -> !task.name().equals("aside")).count()
              == 1);
      require(left, "deadlines", Hazmat.currentRun().statistics().deadlines() == 0);
      require(left, "lot", lot.isEmpty());
      require(left, "lock", isFree(lock));
      require(left, "strict lock", isFree(strict));
      require(
          left,
          "reentrant lock",
          !reentrant.isLocked() && reentrant.statistics().tasksWaiting() == 0);
      var ofReadWrite = readWrite.statistics();
      require(
          left,
          "read-write lock " + ofReadWrite,
          ofReadWrite.writer() == null
              && ofReadWrite.readers().isEmpty()
              && ofReadWrite.writersWaiting() == 0
              && ofReadWrite.readersWaiting() == 0);
      require(
          left, "semaphore", semaphore.value() == 2 && semaphore.statistics().tasksWaiting() == 0);
      require(
          left,
          "bounded semaphore",
          bounded.value() == 2 && bounded.statistics().tasksWaiting() == 0);
      require(
          left,
          "limiter",
          limiter.borrowedTokens() == 0 && limiter.statistics().tasksWaiting() == 0);
      require(
          left,
          "condition",
          !condition.isLocked()
              && condition.statistics().tasksWaiting() == 0
              && condition.statistics().lock().tasksWaiting() == 0);
      require(left, "event", event.statistics().tasksWaiting() == 0);
      require(left, "barrier", barrier.statistics().tasksWaiting() == 0);
      require(left, "universal event", universalEvent.statistics().tasksWaiting() == 0);
      for (Queue<Integer> each : List.of(queue, priorities, stack)) {
        var of = each.statistics();
        require(
            left,
            each + " " + of,
            of.waitingToGet() == 0 && of.waitingToPut() == 0 && of.waitingToJoin() == 0);
        int size = of.size();
        for (int i = 0; i < size; i++) {
          each.getNowait();
        }
        require(left, each + " is not empty", each.isEmpty());
      }
      require(left, "unbounded queue", unbounded.statistics().waitingToGet() == 0);
      var ofUniversal = universal.statistics();
      require(
          left,
          "universal queue " + ofUniversal,
          ofUniversal.waitingToGet() == 0 && ofUniversal.waitingToPut() == 0);
      for (MemoryChannel<Integer> each : List.of(channel, rendezvous)) {
        var of = each.sender().statistics();
        require(
            left,
            "channel " + of,
            of.openSenders() == 1
                && of.openReceivers() == 1
                && of.waitingToSend() == 0
                && of.waitingToReceive() == 0);
      }
      require(left, "interrupt flag", !Thread.currentThread().isInterrupted());
      return left;
    }

    private static boolean isFree(Lock lock) {
      return !lock.isLocked() && lock.statistics().tasksWaiting() == 0;
    }

    private static void require(List<String> left, String what, boolean holds) {
      if (!holds) {
        left.add(what);
      }
    }
  }
}
