package dev.trefoil.benchmarks;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Says of a peer how much of its time Trefoil, on continuations, may take for the same job. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface ToBeat {
  /** The ratio to reach. */
  double ratio();

  /** Whether the job mostly waits, so that the time of the processor is compared. */
  boolean byProcessorTime() default false;
}
