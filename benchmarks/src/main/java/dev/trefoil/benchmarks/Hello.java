package dev.trefoil.benchmarks;

import dev.trefoil.tasks.Trefoil;

/** The smallest program that has a run. */
final class Hello {
  private Hello() {}

  public static void main(String[] args) {
    Trefoil.run(() -> System.out.println("Hello"));
  }
}
