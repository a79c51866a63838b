package dev.trefoil.distribution;

import java.nio.file.Path;
import java.util.Locale;

/** A bundle as users make them, built from a package of the tests. */
enum UserBundle {
  COUNTER,
  POSTBOX,
  STUBBORN;

  Path jar() {
    return Path.of(
        System.getProperty("trefoil.user.bundles")
            + "-"
            + name().toLowerCase(Locale.ROOT)
            + ".jar");
  }
}
