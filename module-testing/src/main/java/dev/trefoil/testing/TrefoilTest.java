package dev.trefoil.testing;

import dev.trefoil.hazmat.Backend;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A JUnit test whose body is the main task of a run; once for each backend, and on demand in random
 * schedules too.
 *
 * <pre>{@code
 * @TrefoilTest(seeds = 20)
 * void sleepersWakeInTime(MockClock clock) {
 *   Nursery.open(nursery -> {
 *     nursery.spawn(() -> Trefoil.sleep(Duration.ofHours(1)));
 *     Testing.waitAllTasksBlocked();
 *     clock.jump(Duration.ofHours(1));
 *   });
 * }
 * }</pre>
 *
 * <p>What the body throws is what JUnit sees, the very same object: assertions and assumptions need
 * no care. What a nursery's child throws comes as a group, as ever.
 *
 * <h2>The clock</h2>
 *
 * <p>A parameter of type {@link MockClock}, of the method or of a {@code @BeforeEach} or
 * {@code @AfterEach} method, makes the run go by that clock: a new one for each invocation, which
 * stands still until told otherwise. Other parameters are left to other extensions. For instruments
 * and other options call {@link dev.trefoil.tasks.Trefoil#run} in an ordinary test.
 *
 * <h2>Random schedules</h2>
 *
 * <p>With {@link #seeds()} above 0 the body runs, on each backend, first in first-in first-out order
 * and then once for each of the seeds 1, 2, 3 and so on, in the order that {@link
 * dev.trefoil.hazmat.RunOptions#withSeed(long)} draws from it. So a build always tries the same
 * schedules. A failure says which seed it was; {@code -Dtrefoil.seed=7} repeats seed 7 alone, and
 * {@code -Dtrefoil.seed=random} goes and looks for others, as many as there were. Tests without
 * seeds are not touched by that.
 *
 * <h2>Backends</h2>
 *
 * <p>A backend that this JVM cannot offer fails the test: what was not tested must not look tested.
 * {@link Backend#CONTINUATION} needs
 *
 * <pre>{@code
 * --add-exports java.base/jdk.internal.vm=ALL-UNNAMED --add-opens java.base/java.lang=ALL-UNNAMED
 * }</pre>
 *
 * <p>in the test JVM's command line ({@code argLine} of Maven's Surefire), with {@code
 * dev.trefoil.kernel} in place of {@code ALL-UNNAMED} where tests run on the module path. Or name
 * what to run on, {@code -Dtrefoil.testing.backends=VIRTUAL_THREAD}: the others are reported as
 * skipped then. Several names are separated by commas.
 *
 * <h2>Threads</h2>
 *
 * <p>The body runs on another thread than {@code @BeforeEach}, {@code @AfterEach} and the
 * constructor, which run outside the run; so a thread-local that those have set is not seen in it.
 *
 * <p>JUnit's {@code @Timeout} works in its default mode: the body is cancelled, and the report shows
 * what each task was doing. A body that does not react to being cancelled is left behind after a few
 * seconds. In the mode {@code SEPARATE_THREAD} nothing is shown.
 *
 * <p>The two parameters {@code trefoil.seed} and {@code trefoil.testing.backends} are configuration
 * parameters of JUnit: system properties as above, or lines of {@code junit-platform.properties}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@TestTemplate
@ExtendWith(TrefoilTestExtension.class)
public @interface TrefoilTest {
  /**
   * Returns how many random schedules to try on each backend, besides first-in first-out.
   *
   * @return the number, 0 or more
   */
  int seeds() default 0;

  /**
   * Returns which backends to run on.
   *
   * @return the backends, in order, at least one
   */
  Backend[] backends() default {Backend.CONTINUATION, Backend.VIRTUAL_THREAD};
}
