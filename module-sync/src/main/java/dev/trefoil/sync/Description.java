package dev.trefoil.sync;

import org.jspecify.annotations.Nullable;

/** How messages call a primitive: by its name, or by a number that tells it from others. */
final class Description {
  private Description() {}

  static String of(Object primitive, @Nullable String name) {
    String kind = primitive.getClass().getSimpleName();
    return name == null
        ? kind + "@" + Integer.toHexString(System.identityHashCode(primitive))
        : kind + " '" + name + "'";
  }
}
