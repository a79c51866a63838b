/**
 * Out of a run and back: threads, executors, processes, futures and streams.
 */
module dev.trefoil.threads {
  requires transitive dev.trefoil.hazmat;
  requires transitive dev.trefoil.sync;
  requires transitive dev.trefoil.tasks;
  requires static java.management; // the flags of this JVM, see WorkerCommand
  requires static transitive org.jspecify;
  requires static org.osgi.annotation.bundle;
  requires static org.osgi.annotation.versioning;

  exports dev.trefoil.threads;
  exports dev.trefoil.threads.io;
}
