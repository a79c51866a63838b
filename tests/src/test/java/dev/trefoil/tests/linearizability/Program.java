package dev.trefoil.tests.linearizability;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** What each of some parties does, one step after the other. */
record Program<T, S>(List<Part<T, S>> parts) {
  private static final int STEPS = 4;

  private static final List<List<Party.Kind>> CASTS =
      List.of(
          List.of(Party.Kind.THREAD, Party.Kind.THREAD, Party.Kind.THREAD),
          List.of(Party.Kind.THREAD, Party.Kind.TASK, Party.Kind.TASK),
          List.of(Party.Kind.THREAD, Party.Kind.TASK, Party.Kind.TASK, Party.Kind.TASK),
          List.of(Party.Kind.THREAD, Party.Kind.THREAD, Party.Kind.TASK, Party.Kind.TASK),
          List.of(Party.Kind.THREAD, Party.Kind.VIRTUAL_THREAD, Party.Kind.TASK),
          List.of(Party.Kind.TASK, Party.Kind.TASK, Party.Kind.TASK_OF_ANOTHER_RUN));

  record Part<T, S>(Party.Kind kind, List<Step<T, S>> steps) {}

  sealed interface Step<T, S> {
    int pause();

    record Perform<T, S>(int pause, Operation<T, S> operation) implements Step<T, S> {}

    /** Of what another party does. */
    record Cancel<T, S>(int pause, int part) implements Step<T, S> {}
  }

  static <T, S> Program<T, S> random(Random random, Supplier<Operation<T, S>> operations) {
    List<Party.Kind> cast = CASTS.get(random.nextInt(CASTS.size()));
    List<Part<T, S>> parts = new ArrayList<>();
    for (Party.Kind kind : cast) {
      List<Step<T, S>> steps = new ArrayList<>();
      for (int i = 0; i < STEPS; i++) {
        int pause = random.nextBoolean() ? 0 : random.nextInt(200);
        int other = random.nextInt(cast.size());
        steps.add(
            random.nextInt(4) == 0 && other != parts.size()
                ? new Step.Cancel<>(pause, other)
                : new Step.Perform<>(pause, operations.get()));
      }
      parts.add(new Part<>(kind, steps));
    }
    return new Program<>(parts);
  }
}
