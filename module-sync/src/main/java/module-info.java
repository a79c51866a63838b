/**
 * Events, locks, semaphores, conditions, limiters, latches and barriers for tasks: fair, cancellable, and
 * built on the hazmat SPI alone.
 */
module dev.trefoil.sync {
  requires transitive dev.trefoil.hazmat;
  requires static transitive org.jspecify;
  requires static org.osgi.annotation.bundle;
  requires static org.osgi.annotation.versioning;

  exports dev.trefoil.sync;
}
