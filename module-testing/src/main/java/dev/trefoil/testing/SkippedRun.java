package dev.trefoil.testing;

import dev.trefoil.hazmat.Backend;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;

/** Stands in the report for a backend that this JVM was told to leave out. */
record SkippedRun(Backend backend) implements TestTemplateInvocationContext {
  @Override
  public String getDisplayName(int invocationIndex) {
    return "[" + invocationIndex + "] " + backend;
  }

  @Override
  public List<Extension> getAdditionalExtensions() {
    ExecutionCondition never =
        context ->
            ConditionEvaluationResult.disabled(
                backend + " is not among " + TrefoilTestExtension.BACKENDS);
    return List.of(never);
  }
}
