package dev.trefoil.testing;

import dev.trefoil.hazmat.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** What makes {@link TrefoilTest} work. Not to be registered by hand. */
public final class TrefoilTestExtension implements TestTemplateInvocationContextProvider {
  private static final String SEED = "trefoil.seed";

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
    List<TestTemplateInvocationContext> invocations = new ArrayList<>();
    for (Backend backend : test.backends()) {
      for (OptionalLong seed : schedules(test.seeds(), Long.getLong(SEED))) {
        invocations.add(new TestRun(backend, seed));
      }
    }
    return invocations.stream();
  }

  private static List<OptionalLong> schedules(int seeds, @Nullable Long only) {
    List<OptionalLong> schedules = new ArrayList<>();
    if (seeds > 0 && only != null) {
      schedules.add(OptionalLong.of(only));
      return schedules;
    }
    schedules.add(OptionalLong.empty());
    for (long seed = 1; seed <= seeds; seed++) {
      schedules.add(OptionalLong.of(seed));
    }
    return schedules;
  }
}
