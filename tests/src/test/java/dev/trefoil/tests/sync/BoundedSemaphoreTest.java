package dev.trefoil.tests.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.sync.BoundedSemaphore;
import dev.trefoil.sync.Lockable;
import dev.trefoil.testing.TrefoilTest;
import org.junit.jupiter.api.Tag;

final class BoundedSemaphoreTest extends LockableContract {
  @Override
  Lockable make(String name) {
    return new BoundedSemaphore(1, name);
  }

  @TrefoilTest
  @Tag("R159")
  void maximumIsTheInitialValue() {
    assertThat(new BoundedSemaphore().max()).isOne();
    assertThat(new BoundedSemaphore(3).max()).isEqualTo(3);
    BoundedSemaphore never = new BoundedSemaphore(0);
    assertThatThrownBy(never::release)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("maximum of 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BoundedSemaphore(-1))
        .withMessageContainingAll("initial", "-1");
  }
}
