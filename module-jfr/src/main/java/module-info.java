/**
 * What happens in a run, as events of the JDK's flight recorder.
 *
 * <p>A module of its own, so that applications and images without it do not need {@code jdk.jfr}.
 */
module dev.trefoil.jfr {
  requires transitive dev.trefoil.hazmat;
  requires jdk.jfr;
  requires static transitive org.jspecify;
  requires static org.osgi.annotation.bundle;
  requires static org.osgi.annotation.versioning;

  exports dev.trefoil.jfr;
}
