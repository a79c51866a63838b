/**
 * Queues and channels between tasks, and waiting for the first of several.
 */
module dev.trefoil.queues {
  requires transitive dev.trefoil.hazmat;
  requires dev.trefoil.tasks;
  requires static transitive org.jspecify;
  requires static org.osgi.annotation.bundle;
  requires static org.osgi.annotation.versioning;

  exports dev.trefoil.queues;
}
