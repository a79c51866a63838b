/** What tests of concurrent code need: a clock that jumps, a sequencer, a JUnit extension. */
module dev.trefoil.testing {
  requires transitive dev.trefoil.hazmat;
  requires transitive dev.trefoil.tasks;
  requires static transitive org.jspecify;
  requires transitive org.junit.jupiter.api;
  requires static org.osgi.annotation.bundle;
  requires static org.osgi.annotation.versioning;

  exports dev.trefoil.testing;
}
