/**
 * The run loop. Exports nothing: it is reached through the hazmat SPI alone.
 */
module dev.trefoil.kernel {
  requires dev.trefoil.hazmat;
  requires jdk.unsupported; // signals, see JdkSignals
  requires static org.jspecify;
  requires static org.osgi.annotation.bundle;
  requires static org.osgi.service.component.annotations;

  provides dev.trefoil.hazmat.KernelProvider with
      dev.trefoil.kernel.TrefoilKernel;
}
