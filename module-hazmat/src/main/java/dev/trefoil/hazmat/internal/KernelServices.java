package dev.trefoil.hazmat.internal;

import static org.osgi.framework.Constants.SYSTEM_BUNDLE_ID;
import static org.osgi.framework.namespace.PackageNamespace.PACKAGE_NAMESPACE;

import dev.trefoil.hazmat.KernelProvider;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;

/**
 * The kernels that are services of the OSGi container this is in. Links only where there is one.
 *
 * <p>It asks in the name of the framework's own bundle, which is always active. That of hazmat is not,
 * and need not be: after a refresh a kernel and its users may be started before it.
 */
final class KernelServices implements Supplier<@Nullable KernelProvider> {
  private static final String SERVICE = KernelProvider.class.getName();

  private final @Nullable Bundle bundle = FrameworkUtil.getBundle(KernelServices.class);

  @Override
  public @Nullable KernelProvider get() {
    if (bundle == null) {
      return null;
    }
    BundleContext framework = contextOfFramework(bundle);
    ServiceReference<?> best = null;
    for (ServiceReference<?> kernel : references(framework)) {
      if (kernel.isAssignableTo(bundle, SERVICE) && (best == null || kernel.compareTo(best) > 0)) {
        best = kernel;
      }
    }
    return best == null ? null : (KernelProvider) framework.getService(best);
  }

  /** Hazmat imports a package of the framework, or this class would not have been linked. */
  private static BundleContext contextOfFramework(Bundle hazmat) {
    return hazmat.adapt(BundleWiring.class).getRequiredWires(PACKAGE_NAMESPACE).stream()
        .map(wire -> wire.getProvider().getBundle())
        .filter(provider -> provider.getBundleId() == SYSTEM_BUNDLE_ID)
        .findFirst()
        .orElseThrow()
        .getBundleContext();
  }

  private static ServiceReference<?>[] references(BundleContext framework) {
    try {
      ServiceReference<?>[] found = framework.getAllServiceReferences(SERVICE, null);
      return found == null ? new ServiceReference<?>[0] : found;
    } catch (InvalidSyntaxException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
