package dev.trefoil.tests.tasks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.RunOptions;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/** Options for tests that start runs themselves. */
final class Schedules {
  private static final int SEEDS = 20;

  private Schedules() {}

  /** Both backends, in first-in first-out order. */
  static Stream<Named<RunOptions>> backends() {
    return Stream.of(Backend.CONTINUATION, Backend.VIRTUAL_THREAD)
        .map(backend -> Named.of(backend.name(), RunOptions.defaults().withBackend(backend)));
  }

  /** Both backends, in first-in first-out order and in the order of several seeds. */
  static Stream<Named<RunOptions>> all() {
    return backends()
        .flatMap(
            backend ->
                Stream.concat(
                    Stream.of(backend),
                    LongStream.range(0, SEEDS)
                        .mapToObj(
                            seed ->
                                Named.of(
                                    backend.getName() + " seed " + seed,
                                    backend.getPayload().withSeed(seed)))));
  }

  /** Every way to fail: unchecked, checked, an error, and what is neither exception nor error. */
  static List<Throwable> kindsOfFailure() {
    return List.of(
        new IllegalArgumentException("unchecked"),
        new java.io.IOException("checked"),
        new AssertionError("error"),
        new Throwable("neither"));
  }
}
