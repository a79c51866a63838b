package dev.trefoil.benchmarks;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Body;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Trefoil;

/** Runs of Trefoil on one backend or the other. */
final class Runs {
  private Runs() {}

  static <T, X extends Throwable> T on(Backend backend, Body<T, X> main) throws X {
    return Trefoil.run(RunOptions.defaults().withBackend(backend), main);
  }
}
