/**
 * The hazmat SPI: the one door between a Trefoil kernel and everything that suspends tasks.
 *
 * <p>Applications rarely need it; authors of primitives need nothing else.
 */
module dev.trefoil.hazmat {
  requires static transitive org.jspecify;
  requires static org.osgi.annotation.bundle;
  requires static org.osgi.annotation.versioning;
  requires static org.osgi.framework;
  requires static org.osgi.resource;

  exports dev.trefoil.hazmat;

  uses dev.trefoil.hazmat.KernelProvider;
}
