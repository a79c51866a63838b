package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** What a Java stack carries stays with the task that the stack belongs to. */
final class ScopedValueTest {
  private static final ScopedValue<String> NAME = ScopedValue.newInstance();

  private final List<String> log = new ArrayList<>();

  private static void yieldOften() {
    for (int i = 0; i < 5; i++) {
      Hazmat.yieldBriefly();
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void bindingsBelongToTheTaskAcrossSwitches() {
    Nursery.open(
        nursery -> {
          for (String name : List.of("a", "b", "c")) {
            nursery.spawn(
                () -> {
                  assertThat(NAME.isBound()).isFalse();
                  ScopedValue.where(NAME, name)
                      .run(
                          () -> {
                            for (int i = 0; i < 5; i++) {
                              Hazmat.yieldBriefly();
                              assertThat(NAME.get()).isEqualTo(name);
                            }
                            ScopedValue.where(NAME, name + name)
                                .run(
                                    () -> {
                                      Hazmat.yieldBriefly();
                                      assertThat(NAME.get()).isEqualTo(name + name);
                                    });
                            Hazmat.yieldBriefly();
                            assertThat(NAME.get()).isEqualTo(name);
                          });
                  assertThat(NAME.isBound()).isFalse();
                  Hazmat.yieldBriefly();
                  assertThat(NAME.isBound()).isFalse();
                });
          }
          for (int i = 0; i < 5; i++) {
            Hazmat.yieldBriefly();
            assertThat(NAME.isBound()).isFalse();
          }
        });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R13")
  @Tag("R41")
  void bindingsOfATaskAreSeenNeitherByItsChildrenNorByEntryCalls() {
    Nursery.open(
        nursery ->
            ScopedValue.where(NAME, "parent")
                .run(
                    () -> {
                      nursery.spawn(() -> log.add("child " + NAME.isBound()));
                      Hazmat.spawnSystemTask("system", () -> log.add("system " + NAME.isBound()));
                      Hazmat.currentCallSoonThreadAndSignalSafe()
                          .callSoonThreadAndSignalSafe(() -> log.add("call " + NAME.isBound()));
                      Testing.waitAllTasksBlocked();
                      assertThat(NAME.get()).isEqualTo("parent");
                    }));
    assertThat(log).containsExactlyInAnyOrder("child false", "system false", "call false");
  }

  @EveryBackend
  @Tag("R41")
  void bindingsOfTheCallerOfRunAreNotMixedUpWithThoseOfTasks(RunOptions options) {
    ScopedValue.where(NAME, "caller")
        .run(
            () -> {
              Trefoil.run(
                  options,
                  () -> {
                    assertThat(NAME.isBound()).isFalse();
                    ScopedValue.where(NAME, "main").run(() -> Testing.waitAllTasksBlocked());
                  });
              assertThat(NAME.get()).isEqualTo("caller");
            });
  }

  @TrefoilTest(seeds = 20)
  @Tag("R50")
  void bindingsSurviveAnOverflownStack() {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  ScopedValue.where(NAME, "deep")
                      .run(
                          () -> {
                            assertThatThrownBy(ScopedValueTest::overflow)
                                .isInstanceOf(StackOverflowError.class);
                            yieldOften();
                            assertThat(NAME.get()).isEqualTo("deep");
                          }));
          nursery.spawn(
              () ->
                  ScopedValue.where(NAME, "shallow")
                      .run(
                          () -> {
                            yieldOften();
                            assertThat(NAME.get()).isEqualTo("shallow");
                          }));
        });
  }

  private static int overflow() {
    return ScopedValue.where(NAME, "deeper").call(ScopedValueTest::overflow) + 1;
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void exceptionsInFlightBelongToTheTask() {
    Nursery.open(
        nursery -> {
          for (String name : List.of("a", "b", "c")) {
            nursery.spawn(() -> assertThatThrownBy(() -> throwThrough(name)).hasMessage(name));
          }
        });
    assertThat(log).hasSize(3);
  }

  private void throwThrough(String name) throws IOException {
    try {
      yieldOften();
      throw new IOException(name);
    } finally {
      yieldOften();
      try {
        yieldOften();
        throw new IllegalStateException("inner " + name);
      } catch (IllegalStateException inner) {
        yieldOften();
        log.add(inner.getMessage());
      }
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void monitorHeldAcrossASuspensionKeepsItsOwner() {
    Object monitor = new Object();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                synchronized (monitor) {
                  for (int i = 0; i < 5; i++) {
                    Hazmat.yieldBriefly();
                    assertThat(Thread.holdsLock(monitor)).isTrue();
                  }
                  log.add("held");
                }
                assertThat(Thread.holdsLock(monitor)).isFalse();
              });
          nursery.spawn(
              () -> {
                yieldOften();
                log.add("other");
              });
        });
    assertThat(log).containsExactlyInAnyOrder("held", "other");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void deepStackIsSuspendedAndResumedWhole() {
    Nursery.open(
        nursery -> {
          for (int i = 0; i < 3; i++) {
            nursery.spawn(() -> assertThat(yieldAtDepth(500)).isEqualTo(500));
          }
        });
  }

  private static int yieldAtDepth(int depth) {
    if (depth == 0) {
      return 0;
    }
    if (depth % 50 == 0) {
      Hazmat.yieldBriefly();
    }
    return yieldAtDepth(depth - 1) + 1;
  }
}
