package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Several errors at once. */
@Tag("T5")
@Tag("T6")
class ExceptionGroupTest {
  private final IOException io = new IOException("io");
  private final IllegalStateException state = new IllegalStateException("state");
  private final AssertionError error = new AssertionError("error");
  private final ExceptionGroup inner = new ExceptionGroup("inner", List.of(io, state));
  private final ExceptionGroup outer = new ExceptionGroup("outer", List.of(error, inner));

  @Test
  void aGroupKeepsItsMembersInOrder() {
    assertThat(outer.exceptions()).containsExactly(error, inner);
  }

  @Test
  void theMessageCountsTheLeavesAndNamesThem() {
    assertThat(outer)
        .hasMessage(
            "outer: 3 errors: AssertionError: error, IOException: io,"
                + " IllegalStateException: state");
    assertThat(new ExceptionGroup("one", List.of(io))).hasMessage("one: 1 error: IOException: io");
  }

  @Test
  void theMessageNamesThreeAndCountsTheRest() {
    assertThat(new ExceptionGroup("many", List.of(outer, new Error(), io, io)))
        .hasMessage(
            "many: 6 errors: AssertionError: error, IOException: io,"
                + " IllegalStateException: state, ... and 3 more");
  }

  @Test
  void theMessageIsOneLineOfLimitedLength() {
    IOException lines = new IOException("first\n  second\r\nthird");
    IOException endless = new IOException("x".repeat(10_000));
    assertThat(new ExceptionGroup("texts", List.of(lines, endless)).getMessage())
        .contains("IOException: first second third")
        .doesNotContain("\n")
        .hasSizeLessThan(400);
  }

  @Test
  void errorsWithoutWordsAreNamedByTheirClass() {
    RuntimeException mute = new RuntimeException();
    RuntimeException anonymous = new RuntimeException("nameless") {};
    RuntimeException indescribable =
        new RuntimeException() {
          @Override
          public String getMessage() {
            throw new UnsupportedOperationException("no message");
          }
        };
    assertThat(new ExceptionGroup("words", List.of(mute, anonymous, indescribable)))
        .hasMessage(
            "words: 3 errors: RuntimeException, "
                + anonymous.getClass().getName()
                + ": nameless, "
                + indescribable.getClass().getName());
  }

  @TrefoilTest
  void theMessageOfANurserysFailureNamesTheTasks() {
    ExceptionGroup group =
        catchThrowableOfType(
            ExceptionGroup.class,
            () ->
                Nursery.open(
                    nursery -> {
                      nursery.spawn("download", ExceptionGroupTest::failHere);
                      nursery.spawn(
                          "batch",
                          () ->
                              Nursery.open(
                                  nested -> {
                                    nested.spawn("upload", ExceptionGroupTest::failThere);
                                    throw new IllegalStateException("late");
                                  }));
                      nursery.spawn("last", ExceptionGroupTest::failHere);
                      throw new IOException("broken");
                    }));
    assertThat(group)
        .hasMessage(
            "nursery failed: 5 errors: IOException: broken (body in task 'main'),"
                + " IOException: here (task 'download'), IOException: here (task 'last'),"
                + " ... and 2 more");
    assertThat(group.exceptions().getLast())
        .hasMessage(
            "nursery failed: 2 errors: IllegalStateException: late (body in task 'batch'),"
                + " IOException: there (task 'upload')");
  }

  @TrefoilTest
  void partsOfANurserysFailureStillNameTheTasks() {
    ExceptionGroup group =
        catchThrowableOfType(
            ExceptionGroup.class,
            () ->
                Nursery.open(
                    nursery -> {
                      nursery.spawn("download", ExceptionGroupTest::failHere);
                      nursery.spawn(
                          "batch",
                          () -> {
                            throw outer;
                          });
                    }));
    ExceptionGroup.Split split = group.split(IOException.class::isInstance);
    assertThat(split.match())
        .hasMessage(
            "nursery failed: 2 errors: IOException: here (task 'download'),"
                + " IOException: io (task 'batch')");
    assertThat(split.rest())
        .hasMessage(
            "nursery failed: 2 errors: AssertionError: error (task 'batch'),"
                + " IllegalStateException: state (task 'batch')");
  }

  @Test
  void aGroupIsUnaffectedByLaterChangesOfTheListItWasMadeFrom() {
    List<Throwable> list = new ArrayList<>(List.of(io));
    ExceptionGroup group = new ExceptionGroup("group", list);
    list.add(state);
    assertThat(group.exceptions()).containsExactly(io);
    assertThatThrownBy(() -> group.exceptions().add(state))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void leavesAreTheMembersOfAllGroupsInOrder() {
    assertThat(outer.leaves()).containsExactly(error, io, state);
  }

  @Test
  void anEmptyGroupIsRefused() {
    assertThatThrownBy(() -> new ExceptionGroup("empty", List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one error");
  }

  @Test
  void splitKeepsTheStructureInBothParts() {
    ExceptionGroup.Split split = outer.split(IOException.class::isInstance);
    assertThat(split.match().leaves()).containsExactly(io);
    assertThat(split.match().exceptions()).singleElement().isInstanceOf(ExceptionGroup.class);
    assertThat(split.match()).hasMessage("outer: 1 error: IOException: io");
    assertThat(split.rest().leaves()).containsExactly(error, state);
    assertThat(split.rest().exceptions().getFirst()).isSameAs(error);
    assertThat(split.rest().exceptions().getLast())
        .hasMessage("inner: 1 error: IllegalStateException: state");
  }

  @Test
  void splitGivesNothingForAnEmptyPartAndTheGroupItselfForAWholeOne() {
    ExceptionGroup.Split none = outer.split(NullPointerException.class::isInstance);
    assertThat(none.match()).isNull();
    assertThat(none.rest()).isSameAs(outer);
    ExceptionGroup.Split all = outer.split(member -> !(member instanceof ExceptionGroup));
    assertThat(all.match()).isSameAs(outer);
    assertThat(all.rest()).isNull();
  }

  @Test
  void aGroupForWhichTheConditionHoldsGoesOverWhole() {
    assertThat(outer.split(member -> member == outer))
        .isEqualTo(new ExceptionGroup.Split(outer, null));
    ExceptionGroup.Split split = outer.split(member -> member == inner);
    assertThat(split.match().exceptions()).containsExactly(inner);
    assertThat(split.rest().exceptions()).containsExactly(error);
  }

  @Test
  void subgroupIsTheMatchingPart() {
    assertThat(outer.subgroup(IOException.class::isInstance).leaves()).containsExactly(io);
    assertThat(outer.subgroup(NullPointerException.class::isInstance)).isNull();
  }

  @Test
  void partsKeepStackTraceCauseAndWhatWasSuppressed() {
    IOException cause = new IOException("cause");
    IOException suppressed = new IOException("suppressed");
    outer.initCause(cause);
    outer.addSuppressed(suppressed);
    for (ExceptionGroup part :
        List.of(
            outer.split(IOException.class::isInstance).match(),
            outer.split(IOException.class::isInstance).rest())) {
      assertThat(part).isNotSameAs(outer).hasCause(cause);
      assertThat(part.getStackTrace()).isEqualTo(outer.getStackTrace());
      assertThat(part.getSuppressed()).endsWith(suppressed);
    }
    assertThat(outer.leaves()).doesNotContain(suppressed);
  }

  @Test
  void theStackTraceShowsAllMembersNestedOnesToo() {
    assertThat(stackTraceOf(outer))
        .contains("outer: 3 errors", "error", "inner: 2 errors", "io", "state")
        .containsSubsequence(
            "AssertionError: error", "IOException: io", "IllegalStateException: state");
  }

  @TrefoilTest(seeds = 20)
  void theStackTraceOfANurserysFailureShowsWhereEachTaskFailed() {
    ExceptionGroup group =
        catchThrowableOfType(
            ExceptionGroup.class,
            () ->
                Nursery.open(
                    nursery -> {
                      nursery.spawn(ExceptionGroupTest::failHere);
                      nursery.spawn(
                          () ->
                              Nursery.open(nested -> nested.spawn(ExceptionGroupTest::failThere)));
                    }));
    assertThat(stackTraceOf(group))
        .contains("nursery failed: 2 errors", "here", "failHere", "there", "failThere");
  }

  private static void failHere() throws IOException {
    throw new IOException("here");
  }

  private static void failThere() throws IOException {
    try {
      Hazmat.yieldBriefly();
    } finally {
      throwThere();
    }
  }

  private static void throwThere() throws IOException {
    throw new IOException("there");
  }

  private static String stackTraceOf(Throwable error) {
    StringWriter text = new StringWriter();
    error.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
