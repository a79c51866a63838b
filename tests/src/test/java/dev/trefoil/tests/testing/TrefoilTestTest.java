package dev.trefoil.tests.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.TestExecutionResult.Status.FAILED;
import static org.junit.platform.engine.TestExecutionResult.Status.SUCCESSFUL;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.opentest4j.TestAbortedException;

/** The JUnit template, both used and run from outside on {@link TrefoilTestSamples}. */
class TrefoilTestTest {
  @BeforeEach
  @AfterEach
  void beforeEachAndAfterEachAreOutsideTheRun() {
    assertThat(Hazmat.inRun()).isFalse();
  }

  // ---- used

  @TrefoilTest
  void bodyIsTheMainTaskOfARun() {
    assertThat(Hazmat.currentTask()).isSameAs(Hazmat.currentRun().mainTask());
  }

  @TrefoilTest(backends = Backend.CONTINUATION)
  void bodyCanSuspendUnderReflectionOnContinuations() {
    assertThat(Hazmat.currentRun().backend()).isEqualTo(Backend.CONTINUATION);
    Hazmat.yieldBriefly();
    Nursery.open(nursery -> nursery.spawn(Hazmat::yieldBriefly));
    Testing.waitAllTasksBlocked();
  }

  @TrefoilTest
  void otherParametersAreLeftToOtherExtensions(TestInfo info, MockClock clock) {
    assertThat(info.getDisplayName()).contains(Hazmat.currentRun().backend().toString());
    assertThat(Hazmat.currentRun().clock()).isSameAs(clock);
  }

  @TrefoilTest
  void withoutAParameterTheClockIsReal() {
    assertThat(Hazmat.currentRun().clock()).isNotInstanceOf(MockClock.class);
  }

  // ---- run from outside

  @Test
  void runsOnBothBackends() {
    Report report = run("passes");
    assertThat(report.names).containsExactly("[1] CONTINUATION", "[2] VIRTUAL_THREAD");
    assertThat(report.results).containsOnly(TestExecutionResult.successful());
  }

  @Test
  void runsOnTheBackendsThatItNames() {
    Report report = run("passesOnVirtualThreads");
    assertThat(report.names).containsExactly("[1] VIRTUAL_THREAD");
    assertThat(report.results).containsOnly(TestExecutionResult.successful());
  }

  @Tag("T91")
  @Test
  void seedsComeOnTopOfTheUsualOrder() {
    assertThat(run("failsWithSeed2").names)
        .containsExactly(
            "[1] CONTINUATION",
            "[2] CONTINUATION, seed 1",
            "[3] CONTINUATION, seed 2",
            "[4] VIRTUAL_THREAD",
            "[5] VIRTUAL_THREAD, seed 1",
            "[6] VIRTUAL_THREAD, seed 2");
  }

  @Tag("T91")
  @Test
  void seedsShuffleTheScheduleAlikeOnBothBackends() {
    TrefoilTestSamples.ORDERS.clear();
    assertThat(run("remembersItsOrder").results).containsOnly(TestExecutionResult.successful());
    List<List<Integer>> orders = List.copyOf(TrefoilTestSamples.ORDERS.values());
    assertThat(orders).hasSize(42);
    assertThat(orders.subList(0, 21)).isEqualTo(orders.subList(21, 42));
    assertThat(orders.getFirst()).containsExactly(0, 1, 2, 3, 4);
    assertThat(Set.copyOf(orders)).hasSizeGreaterThan(10);
  }

  @Tag("T91")
  @Test
  void failureSaysHowToRepeatItsSchedule() {
    Report report = run("failsWithSeed2");
    assertThat(report.results)
        .extracting(TestExecutionResult::getStatus)
        .containsExactly(SUCCESSFUL, SUCCESSFUL, FAILED, SUCCESSFUL, SUCCESSFUL, FAILED);
    assertThat(report.failure(2)).isInstanceOf(AssertionError.class);
    assertThat(report.failure(2).getSuppressed())
        .singleElement()
        .asString()
        .contains("-Dtrefoil.seed=2", "-Dtrefoil.testing.backends=CONTINUATION");
  }

  @Tag("T91")
  @Test
  void parameterRepeatsOneSeedAlone() {
    Report report = run("failsWithSeed2", Map.of("trefoil.seed", "2"));
    assertThat(report.names)
        .containsExactly("[1] CONTINUATION, seed 2", "[2] VIRTUAL_THREAD, seed 2");
    assertThat(report.results)
        .extracting(TestExecutionResult::getStatus)
        .containsExactly(FAILED, FAILED);
    assertThat(run("passes", Map.of("trefoil.seed", "2")).names)
        .containsExactly("[1] CONTINUATION", "[2] VIRTUAL_THREAD");
  }

  @Tag("T91")
  @Test
  void randomSeedsDiffer() {
    Map<String, String> random = Map.of("trefoil.seed", "random");
    assertThat(run("failsWithSeed2", random).names)
        .hasSize(6)
        .isNotEqualTo(run("failsWithSeed2", random).names);
  }

  @Test
  void excludedBackendIsReportedAsSkipped() {
    Report report = run("passes", Map.of("trefoil.testing.backends", "virtual_thread, auto"));
    assertThat(report.names).containsExactly("[1] CONTINUATION", "[2] VIRTUAL_THREAD");
    assertThat(report.results).containsExactly(TestExecutionResult.successful());
    assertThat(report.skipped)
        .singleElement()
        .asString()
        .contains("CONTINUATION", "trefoil.testing.backends");
  }

  @Test
  void nonsenseIsRefused() {
    assertThat(run("failsWithSeed2", Map.of("trefoil.seed", "two")).failure(0))
        .hasMessageContainingAll("trefoil.seed", "'two'");
    assertThat(run("passes", Map.of("trefoil.testing.backends", "VIRTUAL,AUTO")).failure(0))
        .hasStackTraceContaining("VIRTUAL_THREAD")
        .hasStackTraceContaining("'VIRTUAL,AUTO'");
    assertThat(run("isAskedForNonsense").failure(0))
        .hasMessageContainingAll("@TrefoilTest", "seeds = -1");
  }

  @Test
  void whatTheBodyThrowsComesThroughUnwrapped() {
    assertThat(run("failsAnAssertion").failures())
        .hasSize(2)
        .allMatch(failure -> failure == TrefoilTestSamples.ASSERTION);
    assertThat(run("throwsAThrowable").failures())
        .hasSize(2)
        .allMatch(failure -> failure == TrefoilTestSamples.THROWABLE);
  }

  @Test
  void failedAssumptionAborts() {
    Report report = run("assumesInVain");
    assertThat(report.results)
        .hasSize(4)
        .allMatch(result -> result.getStatus() == TestExecutionResult.Status.ABORTED);
    assertThat(report.failures())
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(TestAbortedException.class)
                    .hasNoSuppressedExceptions());
  }

  @Test
  void eachInvocationHasAClockOfItsOwnWhichItSharesWithBeforeEach() {
    TrefoilTestSamples.CLOCKS.clear();
    assertThat(run("remembersItsClock").results).containsOnly(TestExecutionResult.successful());
    assertThat(TrefoilTestSamples.CLOCKS).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void timeoutEndsATestThatHangs() {
    assertThat(run("hangs").failures())
        .hasSize(2)
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(TimeoutException.class)
                    .hasStackTraceContaining("The run at that moment"));
  }

  @Test
  void interruptOfJUnitShowsWhatTheTasksWereDoing() {
    assertThat(run("hangsUntilInterrupted").failures())
        .hasSize(2)
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(InterruptedException.class)
                    .hasStackTraceContaining("#1 main [")
                    .hasStackTraceContaining("the sleeper [TIME_SLEEP]")
                    .hasStackTraceContaining("Trefoil.sleepForever"));
  }

  @Test
  void whatCleaningUpThrowsAfterAnInterruptIsNotLost() {
    assertThat(run("failsWhenCancelledByAnInterrupt").failures())
        .hasSize(2)
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(InterruptedException.class)
                    .hasStackTraceContaining("failed to clean up"));
  }

  @Test
  void interruptedTestThatBlocksItsThreadIsSaidToBeStuck() {
    assertThat(run("blocksItsThread").failures())
        .hasSize(2)
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(InterruptedException.class)
                    .hasStackTraceContaining("did not answer"));
    TrefoilTestSamples.RELEASE.countDown();
  }

  private static Report run(String method) {
    return run(method, Map.of());
  }

  private static Report run(String method, Map<String, String> parameters) {
    Report report = new Report();
    LauncherConfig apart =
        LauncherConfig.builder()
            .enableTestExecutionListenerAutoRegistration(false)
            .enableLauncherSessionListenerAutoRegistration(false)
            .build();
    LauncherFactory.create(apart)
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(TrefoilTestSamples.class, methodNamed(method)))
                .configurationParameters(parameters)
                .build(),
            report);
    return report;
  }

  private static Method methodNamed(String name) {
    return Arrays.stream(TrefoilTestSamples.class.getDeclaredMethods())
        .filter(method -> method.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static final class Report implements TestExecutionListener {
    final List<String> names = new ArrayList<>();
    final List<String> skipped = new ArrayList<>();
    final List<TestExecutionResult> results = new ArrayList<>();

    @Override
    public void dynamicTestRegistered(TestIdentifier test) {
      names.add(test.getDisplayName());
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      skipped.add(reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      // Of the template itself only what goes wrong before the first invocation.
      if (test.isTest() || result.getStatus() != SUCCESSFUL) {
        results.add(result);
      }
    }

    Throwable failure(int index) {
      return results.get(index).getThrowable().orElseThrow();
    }

    List<Throwable> failures() {
      return results.stream().flatMap(result -> result.getThrowable().stream()).toList();
    }
  }
}
