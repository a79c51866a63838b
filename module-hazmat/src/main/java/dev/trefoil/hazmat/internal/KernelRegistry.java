package dev.trefoil.hazmat.internal;

import dev.trefoil.hazmat.KernelProvider;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Knows the kernels of this process.
 *
 * <p>In an OSGi container it is a component, to which kernels come and from which they go as
 * services. The list is static because {@link KernelProvider#find()} is: code that calls it has no
 * bundle context at hand. Elsewhere nobody makes an instance and the list stays empty.
 */
@Component(
    immediate = true,
    service = {})
public final class KernelRegistry {
  private static final List<KernelProvider> SERVICES = new CopyOnWriteArrayList<>();

  /** For the container. */
  public KernelRegistry() {}

  /**
   * A kernel has come.
   *
   * @param provider the kernel's service
   */
  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  public void addProvider(KernelProvider provider) {
    SERVICES.add(provider);
  }

  /**
   * A kernel goes.
   *
   * @param provider the kernel's service
   */
  public void removeProvider(KernelProvider provider) {
    SERVICES.remove(provider);
  }

  /**
   * Finds a kernel.
   *
   * @return the one that came first
   */
  public static KernelProvider find() {
    for (KernelProvider service : SERVICES) {
      return service;
    }
    KernelProvider found = load(KernelProvider.class.getClassLoader());
    if (found == null) {
      found = load(Thread.currentThread().getContextClassLoader());
    }
    if (found == null) {
      throw new IllegalStateException(
          "No kernel found. Expected one KernelProvider: put dev.trefoil:trefoil-kernel on the"
              + " class path, add the module dev.trefoil.kernel to the module graph"
              + " (--add-modules), or start the bundle dev.trefoil.kernel.");
    }
    return found;
  }

  private static @Nullable KernelProvider load(@Nullable ClassLoader loader) {
    return ServiceLoader.load(KernelProvider.class, loader).findFirst().orElse(null);
  }
}
