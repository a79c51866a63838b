package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.RunLocal;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.TrefoilTest;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Variables with one value for each run. */
@Tag("T37")
class RunLocalTest {
  private static final String BACKENDS = "dev.trefoil.tests.tasks.Schedules#backends";
  private static final RunLocal<String> LOCAL = RunLocal.create();

  @TrefoilTest(seeds = 20)
  void allTasksOfARunShareTheValue() {
    Nursery.open(
        nursery ->
            nursery.spawn(
                () -> {
                  LOCAL.set("child's");
                }));
    assertThat(LOCAL.get()).isEqualTo("child's");
    Hazmat.spawnSystemTask("system", () -> LOCAL.set("system task's")).join();
    assertThat(LOCAL.get()).isEqualTo("system task's");
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void theValueIsGoneWithTheRun(RunOptions options) {
    Trefoil.run(
        options,
        () -> {
          LOCAL.set("first run's");
        });
    Trefoil.run(
        options,
        () -> {
          assertThatThrownBy(LOCAL::get).isInstanceOf(NoSuchElementException.class);
        });
  }

  @TrefoilTest
  void anUnsetVariableIsAnErrorThatSaysWhatToDo() {
    assertThatThrownBy(LOCAL::get)
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("run-")
        .hasMessageContaining("Set it");
  }

  @Test
  void outsideARunEveryUseIsRefusedWithAdvice() {
    assertThatThrownBy(LOCAL::get)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Trefoil.run");
    assertThatThrownBy(() -> LOCAL.set("value"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Trefoil.run");
    RunLocal.Token<String> token = Trefoil.run(() -> LOCAL.set("value"));
    assertThatThrownBy(() -> LOCAL.reset(token))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Trefoil.run");
  }

  @TrefoilTest
  void resettingPutsBackWhatWasThereBeforeTheSet() {
    RunLocal.Token<String> first = LOCAL.set("1");
    RunLocal.Token<String> second = LOCAL.set("2");
    LOCAL.set("3");
    LOCAL.reset(second);
    assertThat(LOCAL.get()).isEqualTo("1");
    LOCAL.reset(first);
    assertThatThrownBy(LOCAL::get).isInstanceOf(NoSuchElementException.class);
  }

  @TrefoilTest
  void aTokenResetsOnce() {
    LOCAL.set("before");
    RunLocal.Token<String> token = LOCAL.set("after");
    LOCAL.reset(token);
    assertThatThrownBy(() -> LOCAL.reset(token))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unused token");
    assertThat(LOCAL.get()).isEqualTo("before");
  }

  @TrefoilTest
  void aTokenOfAnotherVariableIsRefusedAndStaysGood() {
    RunLocal<String> other = RunLocal.create();
    RunLocal.Token<String> token = other.set("value");
    assertThatThrownBy(() -> LOCAL.reset(token))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another run local");
    other.reset(token);
    assertThatThrownBy(other::get).isInstanceOf(NoSuchElementException.class);
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void aTokenOfAnotherRunIsRefused(RunOptions options) {
    RunLocal.Token<String> foreign = Trefoil.run(options, () -> LOCAL.set("value"));
    Trefoil.run(
        options,
        () -> {
          LOCAL.set("mine");
          assertThatThrownBy(() -> LOCAL.reset(foreign))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("run-");
          assertThat(LOCAL.get()).isEqualTo("mine");
        });
  }

  @TrefoilTest
  void anInitialValueIsComputedOncePerRun() {
    AtomicInteger computed = new AtomicInteger();
    RunLocal<Integer> local = RunLocal.withInitial(computed::incrementAndGet);
    Nursery.open(
        nursery -> {
          nursery.spawn(local::get);
          nursery.spawn(local::get);
        });
    assertThat(local.get()).isEqualTo(1);
    assertThat(computed).hasValue(1);
  }

  @TrefoilTest
  void readingAndSettingIsNoCheckpoint() {
    Checkpoints.assertNoCheckpoints(
        () -> {
          RunLocal.Token<String> token = LOCAL.set("value");
          assertThat(LOCAL.get()).isEqualTo("value");
          LOCAL.reset(token);
        });
  }

  @TrefoilTest
  void nullIsRefusedAlsoAsAnInitialValue() {
    assertThatThrownBy(() -> LOCAL.set(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("value");
    RunLocal<String> local = RunLocal.withInitial(() -> null);
    assertThatThrownBy(local::get)
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("initial");
  }
}
