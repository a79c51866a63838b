package dev.trefoil.tests.sync;

import dev.trefoil.tests.model.Vocabulary;
import org.junit.jupiter.api.Tag;

/** No task ends: in which order the conditions learn that their lock is broken is not promised. */
@Tag("R164")
@Tag("R166")
@Tag("R167")
@Tag("R168")
@Tag("R169")
@Tag("R170")
@Tag("R171")
@Tag("T30")
final class ConditionsOfOneLockModelTest extends ConditionModelContract {
  @Override
  protected Vocabulary vocabulary() {
    return vocabulary(2);
  }
}
