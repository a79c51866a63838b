package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.TrefoilTest;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;

/**
 * The platform's structured scopes in several tasks at once. Through reflection, since they are a
 * preview in this version of Java.
 */
final class StructuredTaskScopeTest {
  private static final ScopedValue<String> NAME = ScopedValue.newInstance();

  private final List<Object> log = new ArrayList<>();

  /** {@code java.util.concurrent.StructuredTaskScope}. */
  private static final class PlatformScope implements AutoCloseable {
    private static final Class<?> TYPE = find("java.util.concurrent.StructuredTaskScope");
    private static final Class<?> SUBTASK = find(TYPE.getName() + "$Subtask");

    private final Object scope = call(TYPE, "open", null);
    private final List<Object> subtasks = new ArrayList<>();

    private static Class<?> find(String name) {
      try {
        return Class.forName(name);
      } catch (ClassNotFoundException e) {
        throw new AssertionError(e);
      }
    }

    private static Object call(
        Class<?> type, String name, Object target, Class<?> parameter, Object argument) {
      try {
        Method method = type.getMethod(name, parameter);
        return method.invoke(target, argument);
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(e);
      }
    }

    private static Object call(Class<?> type, String name, Object target) {
      try {
        return type.getMethod(name).invoke(target);
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(e);
      }
    }

    void fork(Callable<Object> body) {
      subtasks.add(call(TYPE, "fork", scope, Callable.class, body));
    }

    List<Object> join() {
      call(TYPE, "join", scope);
      return subtasks.stream().map(subtask -> call(SUBTASK, "get", subtask)).toList();
    }

    @Override
    public void close() {
      call(TYPE, "close", scope);
    }
  }

  private static void letOthersRun(int times) {
    for (int i = 0; i < times; i++) {
      Hazmat.yieldBriefly();
    }
  }

  private void nestScopes(String name, int yields) {
    try (PlatformScope outer = new PlatformScope()) {
      outer.fork(() -> name);
      letOthersRun(yields);
      try (PlatformScope inner = new PlatformScope()) {
        inner.fork(() -> name + name);
        letOthersRun(yields);
        log.add(inner.join().getFirst());
      }
      letOthersRun(yields);
      log.add(outer.join().getFirst());
    }
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void scopesOfSeveralTasksDoNotGetIntoOneAnother() {
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> nestScopes("a", 3));
          nursery.spawn(() -> nestScopes("b", 1));
          nursery.spawn(() -> nestScopes("c", 5));
        });
    assertThat(log).containsExactlyInAnyOrder("a", "aa", "b", "bb", "c", "cc");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R41")
  void bindingInOneTaskDoesNotCloseTheScopeOfAnother() {
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  ScopedValue.where(NAME, "bound")
                      .run(
                          () -> {
                            letOthersRun(3);
                            log.add(NAME.get());
                          }));
          nursery.spawn(() -> nestScopes("a", 2));
          nursery.spawn(
              () -> {
                letOthersRun(1);
                ScopedValue.where(NAME, "inherited").run(() -> forkAndReadTheBinding());
              });
        });
    assertThat(log).containsExactlyInAnyOrder("bound", "a", "aa", "inherited");
  }

  private void forkAndReadTheBinding() {
    try (PlatformScope scope = new PlatformScope()) {
      letOthersRun(1);
      scope.fork(() -> NAME.get());
      letOthersRun(2);
      log.add(scope.join().getFirst());
    }
  }
}
