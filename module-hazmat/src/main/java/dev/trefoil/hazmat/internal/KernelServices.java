package dev.trefoil.hazmat.internal;

import dev.trefoil.hazmat.KernelProvider;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;

/** The kernels that are services of the OSGi container this is in. Links only where there is one. */
final class KernelServices implements Supplier<@Nullable KernelProvider> {
  private final @Nullable Bundle bundle = FrameworkUtil.getBundle(KernelServices.class);

  @Override
  public @Nullable KernelProvider get() {
    BundleContext context = bundle == null ? null : bundle.getBundleContext();
    if (context == null) {
      return null;
    }
    ServiceReference<KernelProvider> reference = context.getServiceReference(KernelProvider.class);
    return reference == null ? null : context.getService(reference);
  }
}
