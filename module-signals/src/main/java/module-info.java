/** Signals of the operating system, received by tasks; built on the hazmat SPI alone. */
module dev.trefoil.signals {
  requires transitive dev.trefoil.hazmat;
  requires static transitive org.jspecify;
  requires static org.osgi.annotation.bundle;
  requires static org.osgi.annotation.versioning;

  exports dev.trefoil.signals;
}
