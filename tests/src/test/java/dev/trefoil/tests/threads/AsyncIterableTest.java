package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ResourceBusy;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.threads.FromThread;
import dev.trefoil.threads.ThreadOptions;
import dev.trefoil.threads.ToThread;
import dev.trefoil.threads.io.AsyncIterable;
import java.io.Closeable;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.Scanner;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Iterators whose steps may block, in tasks. */
@Tag("T64")
final class AsyncIterableTest {
  private static final ThreadOptions ABANDON = ThreadOptions.defaults().withAbandonOnCancel();
  private static final ThreadOptions INTERRUPT = ThreadOptions.defaults().withInterruptOnCancel();

  @TempDir Path directory;

  private final List<@Nullable Object> log = new ArrayList<>();
  private final CancelScope scope = CancelScope.create();
  private final BlockingQueue<Integer> queue = new LinkedBlockingQueue<>();

  /** What comes out of the queue, up to a negative one. */
  private Stream<Integer> fromQueue() {
    return Stream.generate(this::taken).takeWhile(item -> item >= 0);
  }

  private int taken() {
    try {
      return queue.take();
    } catch (InterruptedException stopped) {
      throw AsyncIterableTest.<RuntimeException>unchecked(stopped);
    }
  }

  @SuppressWarnings("unchecked")
  private static <X extends Throwable> X unchecked(Throwable error) throws X {
    throw (X) error;
  }

  // ---- elements

  @TrefoilTest(seeds = 5)
  void givesTheElementsOfAnyIteration() throws Exception {
    List<@Nullable String> elements = Arrays.asList("a", null, "b");
    for (AsyncIterable<@Nullable String> each :
        List.of(
            AsyncIterable.<@Nullable String>wrap(elements),
            AsyncIterable.<@Nullable String>wrap(elements.iterator()),
            AsyncIterable.<@Nullable String>wrap(elements.stream()),
            AsyncIterable.<@Nullable String>wrap(elements).inBatchesOf(2),
            AsyncIterable.<@Nullable String>wrap(elements.stream()).inBatchesOf(100))) {
      List<@Nullable String> got = new ArrayList<>();
      for (String element : each) {
        got.add(element);
      }
      assertThat(got).isEqualTo(elements);
      assertThat(each.iterator().hasNext()).isFalse();
      each.close();
    }
    List<Integer> boxed = new ArrayList<>();
    AsyncIterable.wrap(IntStream.range(0, 3)).forEach(boxed::add);
    assertThat(boxed).containsExactly(0, 1, 2);
  }

  @TrefoilTest
  void walksADirectoryAndClosesIt() throws Exception {
    for (int i = 0; i < 150; i++) {
      Files.createFile(directory.resolve("file" + i));
    }
    AtomicInteger closed = new AtomicInteger();
    for (int batch : new int[] {1, 7, 1000}) {
      Set<Path> found = new HashSet<>();
      try (AsyncIterable<Path> files =
          AsyncIterable.wrap(
                  ToThread.runInThread(
                      () -> Files.walk(directory).onClose(closed::incrementAndGet)))
              .inBatchesOf(batch)) {
        for (Path file : files) {
          found.add(file);
        }
      }
      assertThat(found).hasSize(151);
    }
    assertThat(closed).hasValue(3);
  }

  @TrefoilTest(seeds = 5)
  void scansWhatArrivesWhileOthersGoOn() throws Exception {
    PipedWriter writer = new PipedWriter();
    Scanner scanner = new Scanner(new PipedReader(writer));
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                try (AsyncIterable<String> words = AsyncIterable.wrap(scanner)) {
                  for (String word : words) {
                    log.add(word);
                  }
                }
              });
          Testing.waitAllTasksBlocked();
          log.add("other");
          writer.write("one two ");
          writer.close();
        });
    assertThat(log).containsExactly("other", "one", "two");
    assertThatThrownBy(scanner::next).isInstanceOf(IllegalStateException.class);
  }

  @TrefoilTest(seeds = 5)
  void eachElementComesAsSoonAsItIsThere() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> AsyncIterable.wrap(fromQueue()).forEach(log::add));
          for (int i = 0; i < 3; i++) {
            queue.add(i);
            while (log.size() <= i) {
              Testing.waitAllTasksBlocked();
            }
          }
          queue.add(-1);
        });
    assertThat(log).containsExactly(0, 1, 2);
  }

  @TrefoilTest(seeds = 5)
  void aBatchIsSeenWhenItIsThereAsAWhole() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> AsyncIterable.wrap(fromQueue()).inBatchesOf(2).forEach(log::add));
          queue.add(0);
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          queue.addAll(List.of(1, 2, -1));
        });
    assertThat(log).containsExactly(0, 1, 2);
  }

  @TrefoilTest(seeds = 20)
  void hasNextIsACheckpointWhetherItWaitsOrNot() throws Exception {
    Iterator<String> elements =
        AsyncIterable.wrap(List.of("a", "b", "c")).inBatchesOf(2).iterator();
    for (int i = 0; i < 3; i++) {
      Checkpoints.assertCheckpoints(() -> assertThat(elements.hasNext()).isTrue());
      Checkpoints.assertCheckpoints(() -> assertThat(elements.hasNext()).isTrue());
      Checkpoints.assertNoCheckpoints(elements::next);
    }
    Checkpoints.assertCheckpoints(() -> assertThat(elements.hasNext()).isFalse());
    Checkpoints.assertCheckpoints(() -> assertThat(elements.hasNext()).isFalse());
    assertThatThrownBy(elements::next)
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("hasNext");
  }

  @TrefoilTest(seeds = 5)
  void anErrorComesAfterTheElementsBeforeIt() {
    IllegalArgumentException broken = new IllegalArgumentException("third");
    for (int batch : new int[] {1, 2, 10}) {
      List<Integer> got = new ArrayList<>();
      Stream<Integer> source =
          Stream.of(1, 2, 3)
              .peek(
                  element -> {
                    if (element == 3) {
                      throw broken;
                    }
                  });
      AsyncIterable<Integer> elements = AsyncIterable.wrap(source.iterator()).inBatchesOf(batch);
      assertThat(catchThrowable(() -> elements.forEach(got::add))).isSameAs(broken);
      assertThat(got).containsExactly(1, 2);
    }
  }

  @TrefoilTest(seeds = 20)
  void secondStepAtATimeIsToldWhoIsInOne() {
    AsyncIterable<Integer> elements = AsyncIterable.wrap(fromQueue());
    Nursery.open(
        nursery -> {
          nursery.spawn("stepper", () -> elements.forEach(log::add));
          Testing.waitAllTasksBlocked();
          assertThatThrownBy(() -> elements.iterator().hasNext())
              .isInstanceOf(ResourceBusy.class)
              .hasMessageContaining("stepper");
          assertThatThrownBy(() -> elements.inBatchesOf(2))
              .isInstanceOf(IllegalStateException.class);
          queue.add(-1);
        });
  }

  @Test
  void iteratesDirectlyOutsideOfRuns() {
    AsyncIterable<String> elements = AsyncIterable.wrap(List.of("a", "b"));
    assertThat(elements).containsExactly("a", "b");
    elements.close();
    assertThatThrownBy(() -> AsyncIterable.wrap(List.of()).inBatchesOf(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got 0");
  }

  // ---- cancellation

  @TrefoilTest(seeds = 20)
  void cancelledWhileItWaitsItGetsTheElementAllTheSame() {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () -> {
                        for (int element : AsyncIterable.wrap(fromQueue())) {
                          log.add(element);
                        }
                      }));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(log).isEmpty();
          queue.addAll(List.of(1, 2));
        });
    assertThat(log).containsExactly(1);
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(queue).containsExactly(2);
  }

  @Tag("T46")
  @TrefoilTest(seeds = 3)
  void noElementIsLostOrSeenTwiceHoweverStepsAreCancelled() throws Exception {
    int size = 500;
    for (ThreadOptions options : List.of(ThreadOptions.defaults(), ABANDON, INTERRUPT)) {
      Iterator<Integer> source =
          new Iterator<>() {
            @Override
            public boolean hasNext() {
              return true;
            }

            @Override
            public Integer next() {
              return taken();
            }
          };
      Iterator<Integer> elements =
          AsyncIterable.<Integer>wrap(source).withThreadOptions(options).iterator();
      List<Integer> got = new ArrayList<>();
      CancelScope[] current = {CancelScope.create()};
      Thread feeder =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    Random random = new Random(6);
                    for (int i = 0; i < size; i++) {
                      spin(random.nextInt(3_000));
                      queue.add(i);
                    }
                  });
      Nursery.open(
          nursery -> {
            nursery.spawn(
                () -> {
                  while (got.size() < size) {
                    current[0] = CancelScope.create();
                    current[0].run(
                        () -> {
                          if (elements.hasNext()) {
                            got.add(elements.next());
                          }
                        });
                  }
                });
            Random random = new Random(8);
            while (got.size() < size) {
              Hazmat.yieldBriefly();
              spin(random.nextInt(3_000));
              current[0].cancel();
            }
          });
      feeder.join();
      assertThat(got).isEqualTo(IntStream.range(0, size).boxed().toList());
      ToThread.waitAllThreadsCompleted();
    }
  }

  private static void spin(int times) {
    for (int i = 0; i < times; i++) {
      Thread.onSpinWait();
    }
  }

  // ---- closing

  /** Has nothing to iterate. */
  private interface Closing extends Iterable<String>, Closeable {
    @Override
    default Iterator<String> iterator() {
      return List.<String>of().iterator();
    }
  }

  @TrefoilTest(seeds = 20)
  void closesAlsoIfCancelledAndThenRaises() {
    Closing original = () -> log.add(Hazmat.inRun());
    scope.cancel();
    scope.run(() -> AsyncIterable.<String>wrap(original).close());
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).containsExactly(false);
  }

  @TrefoilTest(seeds = 5)
  void errorsOfClosingAreThrown() {
    IOException broken = new IOException("disk");
    Closing original =
        () -> {
          throw broken;
        };
    assertThatThrownBy(() -> AsyncIterable.<String>wrap(original).close())
        .isInstanceOf(UncheckedIOException.class)
        .hasCause(broken);
  }

  // ---- what the documentation tells to do with what is confined to a thread

  @Tag("T49")
  @TrefoilTest(seeds = 5)
  void aThreadCanIterateAndItsTaskDoItsPart() throws Exception {
    Set<Thread> threads = new HashSet<>();
    Thread own = Thread.currentThread();
    ToThread.runInThread(
        () -> {
          Iterable<Integer> confined =
              () -> Stream.of(1, 2, 3).peek(each -> threads.add(Thread.currentThread())).iterator();
          for (int element : confined) {
            FromThread.run(
                () -> {
                  Hazmat.yieldBriefly();
                  return log.add(element);
                });
          }
          return null;
        });
    assertThat(threads).hasSize(1).doesNotContain(own);
    assertThat(log).containsExactly(1, 2, 3);
  }
}
