package dev.trefoil.tests.coverage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestTag;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Collects, for each row id that tests carry as a tag, which test methods ran and how they ended.
 *
 * <p>It writes where {@code trefoil.rows.directory} points, and does nothing without that property,
 * as in an editor that runs a single test.
 */
public final class RowCoverageListener implements TestExecutionListener {

  private static final Pattern ROW_ID = Pattern.compile("[RT]\\d+");

  private final ConcurrentMap<Proof, Tally> proofs = new ConcurrentHashMap<>();
  private volatile Optional<TestPlan> plan = Optional.empty();

  /** For the launcher, which finds this class as a service. */
  public RowCoverageListener() {}

  @Override
  public void testPlanExecutionStarted(TestPlan started) {
    plan = Optional.of(started);
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    if (test.isTest()) {
      record(test, Tally.SKIPPED);
    }
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (test.isTest()) {
      switch (result.getStatus()) {
        case SUCCESSFUL -> record(test, Tally.PASSED);
        case FAILED -> record(test, Tally.FAILED);
        case ABORTED -> record(test, Tally.SKIPPED);
      }
    }
  }

  @Override
  public void testPlanExecutionFinished(TestPlan finished) {
    String directory = System.getProperty("trefoil.rows.directory");
    if (directory == null) {
      return;
    }
    RowReport report = new RowReport(Path.of(directory));
    try {
      report.save(System.getProperty("trefoil.rows.run", "test"), proofs);
      report.write();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the coverage of rows", e);
    }
  }

  private void record(TestIdentifier test, Tally outcome) {
    if (test.getSource().orElse(null) instanceof MethodSource method) {
      String name = method.getClassName() + "." + method.getMethodName();
      for (String row : rowsOf(test)) {
        proofs.merge(new Proof(row, name), outcome, Tally::plus);
      }
    }
  }

  /** The ids on the test and on all that contains it, such as its class. */
  private Set<String> rowsOf(TestIdentifier test) {
    Set<String> rows = new TreeSet<>();
    Optional<TestIdentifier> current = Optional.of(test);
    while (current.isPresent()) {
      for (TestTag tag : current.get().getTags()) {
        if (ROW_ID.matcher(tag.getName()).matches()) {
          rows.add(tag.getName());
        }
      }
      TestIdentifier inner = current.get();
      current = plan.flatMap(tests -> tests.getParent(inner));
    }
    return rows;
  }
}
