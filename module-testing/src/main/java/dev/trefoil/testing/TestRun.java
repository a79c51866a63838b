package dev.trefoil.testing;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Action;
import dev.trefoil.tasks.Trefoil;
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

/** One invocation of a test method, inside a run of its own. */
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
    Action<Throwable> body = invocation::proceed;
    try {
      Trefoil.run(options(), body);
    } catch (TestAbortedException aborted) {
      throw aborted;
    } catch (Throwable failure) {
      if (seed.isPresent()) {
        failure.addSuppressed(
            new HowToRepeat(this + ": repeat with -Dtrefoil.seed=" + seed.getAsLong()));
      }
      throw failure;
    }
  }

  private RunOptions options() {
    RunOptions options = RunOptions.defaults().withBackend(backend);
    if (seed.isPresent()) {
      options = options.withSeed(seed.getAsLong());
    }
    return clock == null ? options : options.withClock(clock);
  }

  @Override
  public String toString() {
    return seed.isPresent() ? backend + ", seed " + seed.getAsLong() : backend.toString();
  }

  /** Shown below a failure. */
  private static final class HowToRepeat extends Exception {
    private static final long serialVersionUID = 1L;

    HowToRepeat(String message) {
      super(message, null, false, false);
    }
  }
}
