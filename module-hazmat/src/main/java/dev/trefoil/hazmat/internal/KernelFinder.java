package dev.trefoil.hazmat.internal;

import dev.trefoil.hazmat.KernelProvider;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds the kernel of this process. It keeps none: in an OSGi container a kernel comes and goes, and
 * the container's own registry is the only place that knows at every moment.
 */
public final class KernelFinder {
  private static final Supplier<@Nullable KernelProvider> SERVICES = services();

  private KernelFinder() {}

  /**
   * Finds a kernel.
   *
   * @return the best service in an OSGi container, otherwise what the service loader finds first
   */
  public static KernelProvider find() {
    KernelProvider found = SERVICES.get();
    if (found == null) {
      found = load(KernelProvider.class.getClassLoader());
    }
    if (found == null) {
      found = load(Thread.currentThread().getContextClassLoader());
    }
    if (found == null) {
      throw new IllegalStateException(
          "No kernel found. Expected one KernelProvider: put dev.trefoil:trefoil-kernel on the"
              + " class path, add the module dev.trefoil.kernel to the module graph"
              + " (--add-modules), or start the bundle dev.trefoil.kernel, and let the component"
              + " that begins a run reference the service KernelProvider, to be started after it.");
    }
    return found;
  }

  private static Supplier<@Nullable KernelProvider> services() {
    try {
      return new KernelServices();
    } catch (LinkageError notInContainer) {
      // Without the classes of OSGi there are no services.
      return () -> null;
    }
  }

  private static @Nullable KernelProvider load(@Nullable ClassLoader loader) {
    return ServiceLoader.load(KernelProvider.class, loader).findFirst().orElse(null);
  }
}
