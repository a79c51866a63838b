package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import java.lang.ref.WeakReference;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** A task goes on where another has suspended or ended; nothing of the one is kept by the other. */
@Timeout(60)
final class HandOverTest {
  /** How many to wait for before the result is taken for kept. */
  private static final int COLLECTIONS = 50;

  private @Nullable WeakReference<Object> result;

  private Object makeResult() {
    Object made = new Object();
    result = new WeakReference<>(made);
    return made;
  }

  private void assertThatResultIsCollected() {
    for (int left = COLLECTIONS; left > 0 && (result == null || result.get() != null); left--) {
      System.gc();
      Hazmat.yieldBriefly();
    }
    assertThat(result).isNotNull().extracting(WeakReference::get).isNull();
  }

  @EveryBackend
  @Tag("R41")
  void sleeperKeepsNothingOfWhoWentOnAfterIt(RunOptions options) {
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn(Trefoil::sleepForever);
                  nursery.spawn(this::makeResult);
                  Hazmat.yieldBriefly();
                  assertThatResultIsCollected();
                  nursery.cancelScope().cancel();
                }));
  }

  @EveryBackend
  @Tag("R31")
  void loopKeepsNothingOfWhoWasFirstToGoOn(RunOptions options) {
    Trefoil.run(
        options,
        () ->
            Nursery.open(
                nursery -> {
                  // After a sleep it is the loop that resumes the first of these two.
                  long time = Hazmat.currentRun().clock().now() + Duration.ofMillis(1).toNanos();
                  nursery.spawn(
                      () -> {
                        Hazmat.sleepUntil("FIRST", time);
                        return makeResult();
                      });
                  nursery.spawn(
                      () -> {
                        Hazmat.sleepUntil("SECOND", time);
                        assertThatResultIsCollected();
                      });
                }));
  }
}
