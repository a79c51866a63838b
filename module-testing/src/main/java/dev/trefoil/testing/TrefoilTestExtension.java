package dev.trefoil.testing;

import dev.trefoil.hazmat.Backend;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** What makes {@link TrefoilTest} work; public because JUnit makes it. Use the annotation. */
public final class TrefoilTestExtension implements TestTemplateInvocationContextProvider {
  static final String SEED = "trefoil.seed";
  static final String BACKENDS = "trefoil.testing.backends";

  private static final String ANY_SEED = "random";

  /** For JUnit. */
  public TrefoilTestExtension() {}

  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return AnnotationSupport.isAnnotated(context.getTestMethod(), TrefoilTest.class);
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    TrefoilTest test =
        AnnotationSupport.findAnnotation(context.getTestMethod(), TrefoilTest.class).orElseThrow();
    if (test.seeds() < 0 || test.backends().length == 0) {
      throw new ExtensionConfigurationException(
          "@TrefoilTest: expected 0 or more seeds and at least one backend, got seeds = "
              + test.seeds()
              + ", backends = "
              + Arrays.toString(test.backends()));
    }
    Set<Backend> chosen =
        context
            .getConfigurationParameter(BACKENDS, TrefoilTestExtension::backends)
            .orElse(EnumSet.allOf(Backend.class));
    String seed = context.getConfigurationParameter(SEED).orElse("");
    return Arrays.stream(test.backends())
        .flatMap(
            backend ->
                chosen.contains(backend)
                    ? schedules(test.seeds(), seed).map(order -> new TestRun(backend, order))
                    : Stream.of(new SkippedRun(backend)));
  }

  private static Stream<OptionalLong> schedules(int seeds, String wish) {
    if (seeds == 0) {
      return Stream.of(OptionalLong.empty());
    }
    LongStream chosen;
    if (wish.isEmpty()) {
      chosen = LongStream.rangeClosed(1, seeds);
    } else if (wish.equals(ANY_SEED)) {
      chosen = ThreadLocalRandom.current().longs(seeds, 0, Integer.MAX_VALUE);
    } else {
      return Stream.of(OptionalLong.of(seed(wish)));
    }
    return Stream.concat(Stream.of(OptionalLong.empty()), chosen.mapToObj(OptionalLong::of));
  }

  private static long seed(String wish) {
    try {
      return Long.parseLong(wish);
    } catch (NumberFormatException e) {
      throw new ExtensionConfigurationException(
          SEED + ": expected a whole number or '" + ANY_SEED + "', got '" + wish + "'", e);
    }
  }

  private static Set<Backend> backends(String names) {
    Set<Backend> backends = EnumSet.noneOf(Backend.class);
    for (String name : names.split(",", -1)) {
      try {
        backends.add(Backend.valueOf(name.strip().toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new ExtensionConfigurationException(
            BACKENDS
                + ": expected names out of "
                + Arrays.toString(Backend.values())
                + " separated by commas, got '"
                + names
                + "'",
            e);
      }
    }
    return backends;
  }
}
