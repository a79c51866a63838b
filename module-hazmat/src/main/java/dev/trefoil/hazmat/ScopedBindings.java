package dev.trefoil.hazmat;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The {@link ScopedValue}s that are bound somewhere, as a kernel sees them. For kernels; everybody else
 * has {@link ContextSnapshot}.
 */
@ProviderType
public interface ScopedBindings {
  /**
   * Runs {@code body} on the calling thread, which belongs to no run, with these bindings in place of
   * the thread's own.
   *
   * @param <T> the type of the result
   * @param <X> what the body may throw
   * @param body what to run
   * @return what the body returned
   * @throws X whatever the body throws
   */
  <T extends @Nullable Object, X extends Throwable> T call(Body<T, X> body) throws X;
}
