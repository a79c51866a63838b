package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskError;
import dev.trefoil.sync.Event;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.threads.AsyncThread;
import dev.trefoil.threads.FromThread;
import dev.trefoil.threads.ToThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;

/** Tasks whose body runs on a thread and awaits task operations. */
@Tag("T80")
final class AsyncThreadTest {
  private final List<String> log = new ArrayList<>();

  @TrefoilTest(seeds = 20)
  void threadAwaitsTaskOperationsAndIsJoined() {
    Event event = new Event();
    Nursery.open(
        nursery -> {
          Task<String> task =
              AsyncThread.spawn(
                  nursery,
                  "reader",
                  () -> {
                    assertThat(AsyncThread.canAwait()).isTrue();
                    AsyncThread.await(
                        () -> {
                          log.add("waits");
                          event.await();
                          return null;
                        });
                    return Thread.currentThread().getName();
                  });
          assertThat(task.name()).contains("reader");
          while (log.isEmpty()) {
            Trefoil.sleep(java.time.Duration.ofNanos(100_000));
          }
          event.set();
          assertThat(task.join()).isEqualTo("reader");
        });
  }

  @TrefoilTest(seeds = 20)
  void cancellingTheTaskHitsWhatTheThreadAwaits() {
    AtomicReference<Throwable> hit = new AtomicReference<>();
    Nursery.open(
        nursery -> {
          Task<?> task =
              AsyncThread.spawn(
                  nursery,
                  () -> {
                    try {
                      AsyncThread.await(
                          () -> {
                            log.add("waits");
                            Trefoil.sleepForever();
                            return null;
                          });
                    } catch (Cancelled cancelled) {
                      hit.set(cancelled);
                      throw cancelled;
                    }
                    return null;
                  });
          while (log.isEmpty()) {
            Trefoil.sleep(java.time.Duration.ofNanos(100_000));
          }
          task.cancel();
          assertThat(task.hasEnded()).isTrue();
          assertThatThrownBy(task::join).isInstanceOf(TaskError.class);
        });
    assertThat(hit.get()).isInstanceOf(Cancelled.class);
  }

  @TrefoilTest(seeds = 20)
  void codeBetweenIsNotDisturbedAndTheNextAwaitIsHit() {
    Gate gate = new Gate();
    Nursery.open(
        nursery -> {
          AsyncThread.spawn(
              nursery,
              () -> {
                gate.pass();
                log.add("undisturbed");
                AsyncThread.await(
                    () -> {
                      Trefoil.sleepForever();
                      return null;
                    });
                log.add("not reached");
                return null;
              });
          gate.awaitReached();
          nursery.cancelScope().cancel();
          gate.open();
        });
    assertThat(log).containsExactly("undisturbed");
  }

  @TrefoilTest
  void moreThanFortyOfThemRunAtATime() {
    int count = 60;
    Gate gate = new Gate();
    Event allThere = new Event();
    Nursery.open(
        nursery -> {
          for (int i = 0; i < count; i++) {
            AsyncThread.spawn(
                nursery,
                () ->
                    FromThread.run(
                        () -> {
                          log.add("there");
                          if (log.size() == count) {
                            allThere.set();
                          }
                          allThere.await();
                          return null;
                        }));
          }
        });
    assertThat(log).hasSize(count);
  }

  @TrefoilTest
  void awaitingElsewhereIsRefused() {
    assertThat(AsyncThread.canAwait()).isFalse();
    assertThatThrownBy(() -> AsyncThread.await(() -> 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("AsyncThread.await");
    boolean inWorker = ToThread.runInThread(AsyncThread::canAwait);
    assertThat(inWorker).isTrue();
  }
}
