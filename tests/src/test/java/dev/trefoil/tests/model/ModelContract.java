package dev.trefoil.tests.model;

import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.tests.hazmat.EveryBackend;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.TestInstance;

/**
 * What a primitive does in random programs is what its model says. {@code -Dtrefoil.programs=100000} tries
 * that many.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ModelContract {
  private static final int PROGRAMS = Integer.getInteger("trefoil.programs", 2000);

  protected abstract Vocabulary vocabulary();

  /** Makes a new one; {@code size} is as in the vocabulary. */
  protected abstract Subject subject(int size);

  /** Makes the model of a new one. */
  protected abstract Model model(int size);

  @EveryBackend
  void randomProgramsGoAsInThePlainModel(RunOptions options) {
    Vocabulary vocabulary = vocabulary();
    AtomicLong seed = new AtomicLong();
    boolean same = true;
    try {
      same = Trefoil.run(options, () -> allGoAsInTheModel(vocabulary, seed)); // one, for speed
    } catch (Throwable broken) {
      if (seed.get() == 0) {
        throw broken;
      }
      same = false;
    }
    if (!same) {
      Program program = vocabulary.program(seed.get());
      Program shortest =
          program.shortest(shorter -> !real(shorter, options).equals(modelled(shorter)));
      throw difference(seed.get(), shortest, options);
    }
  }

  private boolean allGoAsInTheModel(Vocabulary vocabulary, AtomicLong seed) {
    while (seed.get() < PROGRAMS) {
      Program program = vocabulary.program(seed.incrementAndGet());
      if (!execution(program).trace().equals(modelled(program))) {
        return false;
      }
    }
    return true;
  }

  private Execution execution(Program program) {
    return new Execution(program, subject(program.size()));
  }

  /** In a run of its own, which may break. */
  private List<String> real(Program program, RunOptions options) {
    try {
      return Trefoil.run(options, () -> execution(program).trace());
    } catch (Throwable broken) {
      return List.of("the run has failed with " + broken);
    }
  }

  private List<String> modelled(Program program) {
    return new Simulation(program, model(program.size())).trace();
  }

  private AssertionError difference(long seed, Program shortest, RunOptions options) {
    List<String> real = real(shortest, options);
    List<String> modelled = modelled(shortest);
    int same = 0;
    while (same < Math.min(real.size(), modelled.size())
        && real.get(same).equals(modelled.get(same))) {
      same++;
    }
    return new AssertionError(
        "The program of seed "
            + seed
            + " does not go as in the model. The shortest that does not:\n"
            + shortest
            + "\n\nGoes for real:\n  "
            + String.join("\n  ", real)
            + "\n\nIn the model, from where it differs:\n  "
            + String.join("\n  ", modelled.subList(same, modelled.size())));
  }
}
