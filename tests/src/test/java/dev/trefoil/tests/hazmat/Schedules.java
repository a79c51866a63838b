package dev.trefoil.tests.hazmat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.RunOptions;
import java.time.Duration;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** The options that {@link EveryBackend} and {@link EverySchedule} run a test with. */
final class Schedules {
  private static final int SEEDS = 20;

  private Schedules() {}

  static final class InOrder implements ArgumentsProvider {
    @Override
    public Stream<? extends Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      return backends().map(backend -> named(backend.name(), on(backend)));
    }
  }

  static final class WithSeeds implements ArgumentsProvider {
    @Override
    public Stream<? extends Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      return backends()
          .flatMap(
              backend ->
                  Stream.concat(
                      Stream.of(named(backend.name(), on(backend))),
                      LongStream.rangeClosed(1, SEEDS)
                          .mapToObj(
                              seed ->
                                  named(backend + " seed " + seed, on(backend).withSeed(seed)))));
    }
  }

  private static Stream<Backend> backends() {
    return Stream.of(Backend.CONTINUATION, Backend.VIRTUAL_THREAD);
  }

  /** Without a watchdog, whose reports would only be noise on a slow machine. */
  private static RunOptions on(Backend backend) {
    return RunOptions.defaults().withBackend(backend).withBlockedWarningAfter(Duration.ZERO);
  }

  private static Arguments named(String name, RunOptions options) {
    return Arguments.of(Named.of(name, options));
  }
}
