package dev.trefoil.tests.descriptors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A module says the same to OSGi and to the module system. */
class DescriptorIT {

  static List<BundleJar> bundles() {
    return BundleJar.all();
  }

  @Test
  void everyModuleIsLookedAt() {
    assertThat(bundles())
        .extracting(bundle -> bundle.module().name())
        .contains(
            "dev.trefoil.hazmat",
            "dev.trefoil.jfr",
            "dev.trefoil.kernel",
            "dev.trefoil.queues",
            "dev.trefoil.signals",
            "dev.trefoil.sync",
            "dev.trefoil.tasks",
            "dev.trefoil.testing",
            "dev.trefoil.threads",
            "dev.trefoil.examples.chat");
  }

  @ParameterizedTest
  @MethodSource("bundles")
  void moduleIsDeclaredAndNotDerivedFromTheFileName(BundleJar bundle) {
    assertThat(bundle.module().isAutomatic()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("bundles")
  void bundleAndModuleHaveTheSameName(BundleJar bundle) {
    assertThat(bundle.symbolicName()).contains(bundle.module().name());
  }

  @ParameterizedTest
  @MethodSource("bundles")
  void bundleAndModuleExportTheSamePackages(BundleJar bundle) {
    assertThat(bundle.bundleExports())
        .as("Export-Package of the manifest against the exports of module-info")
        .isEqualTo(bundle.moduleExports());
  }
}
