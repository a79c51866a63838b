/**
 * Runs, nurseries, cancel scopes and timeouts: what applications write their tasks with.
 */
module dev.trefoil.tasks {
  requires transitive dev.trefoil.hazmat;
  requires static transitive org.jspecify;
  requires static org.osgi.annotation.bundle;
  requires static org.osgi.annotation.versioning;

  exports dev.trefoil.tasks;
  exports dev.trefoil.tasks.monitor;
}
