package dev.trefoil.testing;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.RunOptions;
import java.lang.reflect.Method;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.opentest4j.TestAbortedException;

/** One invocation of a test method, in a run of its own. */
final class TestRun
    implements TestTemplateInvocationContext, InvocationInterceptor, ParameterResolver {
  private final Backend backend;
  private final OptionalLong seed;
  private @Nullable MockClock clock;

  TestRun(Backend backend, OptionalLong seed) {
    this.backend = backend;
    this.seed = seed;
  }

  @Override
  public String getDisplayName(int invocationIndex) {
    return "[" + invocationIndex + "] " + this;
  }

  @Override
  public List<Extension> getAdditionalExtensions() {
    return List.of(this);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == MockClock.class;
  }

  @Override
  public MockClock resolveParameter(ParameterContext parameter, ExtensionContext context) {
    MockClock known = clock;
    if (known == null) {
      known = new MockClock();
      clock = known;
    }
    return known;
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> invocationContext,
      ExtensionContext extensionContext)
      throws Throwable {
    try {
      AttendedRun.of(options(), invocation::proceed).await();
    } catch (TestAbortedException aborted) {
      throw aborted;
    } catch (Throwable failure) {
      seed.ifPresent(
          drawn ->
              failure.addSuppressed(
                  new Note(
                      "This was backend "
                          + backend
                          + " in the random schedule of seed "
                          + drawn
                          + "; to repeat it: -D"
                          + TrefoilTestExtension.SEED
                          + "="
                          + drawn
                          + " -D"
                          + TrefoilTestExtension.BACKENDS
                          + "="
                          + backend)));
      throw failure;
    }
  }

  private RunOptions options() {
    // Who presses control-C wants to end the tests, not to see one fail.
    RunOptions options = RunOptions.defaults().withBackend(backend).withoutKeyboardInterrupts();
    if (seed.isPresent()) {
      options = options.withSeed(seed.getAsLong());
    }
    return clock == null ? options : options.withClock(clock);
  }

  @Override
  public String toString() {
    return seed.isPresent() ? backend + ", seed " + seed.getAsLong() : backend.toString();
  }
}
