package dev.trefoil.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.TaskContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("R31")
final class RunQueueTest {
  private final RunQueue inOrder = new RunQueue(OptionalLong.empty());

  /** Tasks that nobody runs: the queue looks at their links only. */
  private static List<KernelTask<?>> tasks(int count) {
    List<KernelTask<?>> tasks = new ArrayList<>();
    for (int id = 1; id <= count; id++) {
      tasks.add(new KernelTask<>(id, "task", () -> null, null, TaskContext.EMPTY, null));
    }
    return tasks;
  }

  private static List<KernelTask<?>> batch(RunQueue queue) {
    List<KernelTask<?>> batch = new ArrayList<>();
    KernelTask<?> task = queue.takeBatch();
    while (task != null) {
      batch.add(task);
      task = task.nextRunnable;
    }
    return batch;
  }

  @Test
  void batchIsWhatIsThereInTheOrderOfComing() {
    List<KernelTask<?>> tasks = tasks(5);
    tasks.forEach(inOrder::add);
    assertThat(inOrder.size()).isEqualTo(5);
    assertThat(batch(inOrder)).isEqualTo(tasks);
    assertThat(inOrder.isEmpty()).isTrue();
    assertThat(inOrder.size()).isZero();
    assertThat(batch(inOrder)).isEmpty();
  }

  @Test
  void whatIsAddedMeanwhileBelongsToTheNextBatch() {
    List<KernelTask<?>> tasks = tasks(4);
    tasks.subList(0, 2).forEach(inOrder::add);
    KernelTask<?> first = inOrder.takeBatch();
    assertThat((Object) first).isSameAs(tasks.get(0));
    KernelTask<?> second = first.nextRunnable;
    assertThat((Object) second).isSameAs(tasks.get(1));
    inOrder.add(tasks.get(2));
    inOrder.add(first);
    assertThat((Object) second.nextRunnable).isNull();
    assertThat(batch(inOrder)).containsExactly(tasks.get(2), first);
  }

  @Test
  void sameSeedGivesTheSameOrderAndKeepsEverybody() {
    for (long seed = 0; seed < 50; seed++) {
      List<KernelTask<?>> tasks = tasks(20);
      RunQueue one = new RunQueue(OptionalLong.of(seed));
      tasks.forEach(one::add);
      List<KernelTask<?>> first = batch(one);
      RunQueue other = new RunQueue(OptionalLong.of(seed));
      tasks.forEach(other::add);
      assertThat(batch(other)).isEqualTo(first);
      assertThat(first).containsExactlyInAnyOrderElementsOf(tasks);
    }
  }

  @Test
  void differentSeedsGiveDifferentOrders() {
    List<KernelTask<?>> tasks = tasks(3);
    Set<List<KernelTask<?>>> orders = new HashSet<>();
    for (long seed = 0; seed < 100; seed++) {
      RunQueue queue = new RunQueue(OptionalLong.of(seed));
      tasks.forEach(queue::add);
      orders.add(batch(queue));
    }
    assertThat(orders).as("every order of three tasks").hasSize(6);
  }

  @Test
  void onlyASeededQueueIsRandom() {
    assertThat(inOrder.isRandom()).isFalse();
    assertThat(new RunQueue(OptionalLong.of(0)).isRandom()).isTrue();
  }
}
