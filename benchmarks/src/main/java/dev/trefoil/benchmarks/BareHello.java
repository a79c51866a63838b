package dev.trefoil.benchmarks;

/** The smallest program. */
final class BareHello {
  private BareHello() {}

  public static void main(String[] args) {
    System.out.println("Hello");
  }
}
