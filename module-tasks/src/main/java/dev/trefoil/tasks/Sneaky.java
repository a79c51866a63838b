package dev.trefoil.tasks;

/** Throws what the compiler cannot follow but the caller declares. */
final class Sneaky {
  private Sneaky() {}

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  static <X extends Throwable> RuntimeException rethrow(Throwable error) throws X {
    throw (X) error;
  }
}
