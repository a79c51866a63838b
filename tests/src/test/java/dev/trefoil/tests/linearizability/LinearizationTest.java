package dev.trefoil.tests.linearizability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.tests.linearizability.QueueOperation.Get;
import dev.trefoil.tests.linearizability.QueueOperation.GetNowait;
import dev.trefoil.tests.linearizability.QueueOperation.Put;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The checker itself, on histories of which it is known what to think. */
@Tag("T78")
final class LinearizationTest {
  private final History<ObservedQueue, QueueState> history = new History<>();

  private History.Entry<ObservedQueue, QueueState> begin(QueueOperation operation) {
    return history.begin("somebody", operation);
  }

  private void happens(QueueOperation operation, Object result) {
    history.end(begin(operation), result);
  }

  private boolean hasAnOrder(int maxSize) {
    return Linearization.exists(QueueState.empty(maxSize), history);
  }

  @Test
  void oneAfterTheOtherIsTakenAsItWas() {
    happens(new Put(1), "put");
    happens(new Put(2), "put");
    happens(new Get(), 1);
    happens(new Get(), 2);
    happens(new GetNowait(), "empty");
    assertThat(hasAnOrder(2)).isTrue();
    assertThat(hasAnOrder(1)).as("there was no slot for the second").isFalse();
  }

  @Test
  void whatOverlapsMayHaveHappenedInEitherOrder() {
    var get = begin(new Get());
    var two = begin(new Put(2));
    happens(new Put(1), "put");
    history.end(two, "put");
    history.end(get, 1);
    happens(new Get(), 2);
    assertThat(hasAnOrder(0)).isTrue();
  }

  @Test
  void whatDoesNotOverlapMayNot() {
    var get = begin(new Get());
    happens(new Put(2), "put");
    happens(new Put(1), "put");
    history.end(get, 1);
    happens(new Get(), 2);
    assertThat(hasAnOrder(0)).isFalse();
  }

  @Test
  void itemIsNeitherLostNorDoubledNorMadeUp() {
    happens(new Put(1), "put");
    assertThat(hasAnOrder(0)).isTrue();
    var get = begin(new Get());
    var other = begin(new GetNowait());
    history.end(get, 1);
    history.end(other, 1);
    assertThat(hasAnOrder(0)).as("both got it").isFalse();
  }

  @Test
  void waitingOneMustHaveBeenServedBeforeItReturned() {
    var put = begin(new Put(2));
    happens(new Put(1), "put");
    history.end(put, "put");
    assertThat(hasAnOrder(1)).as("full").isFalse();
    assertThat(hasAnOrder(2)).isTrue();
  }

  @Test
  void cancelledOneHadNoEffect() {
    happens(new Put(1), "put");
    happens(new Get(), History.CANCELLED);
    happens(new Put(2), History.CANCELLED);
    happens(new GetNowait(), 1);
    happens(new GetNowait(), "empty");
    assertThat(hasAnOrder(0)).isTrue();
    happens(new GetNowait(), 2);
    assertThat(hasAnOrder(0)).isFalse();
  }
}
