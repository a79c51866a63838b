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
 * A JUnit test whose body is the main task of a run, once for each backend.
 *
 * <pre>{@code
 * @TrefoilTest
 * void sleepersWakeInTime(MockClock clock) {
 *   Nursery.open(nursery -> {
 *     nursery.spawn(() -> Trefoil.sleep(Duration.ofHours(1)));
 *     Testing.waitAllTasksBlocked();
 *     clock.jump(Duration.ofHours(1));
 *   });
 * }
 * }</pre>
 *
 * <p>A parameter of type {@link MockClock} makes the run go by that clock: a new one for each
 * invocation, which stands still until told otherwise. Other parameters are left to other
 * extensions.
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
   * @return the backends, in order
   */
  Backend[] backends() default {Backend.CONTINUATION, Backend.VIRTUAL_THREAD};
}
