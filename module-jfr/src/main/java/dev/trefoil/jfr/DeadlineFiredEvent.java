package dev.trefoil.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

@Name("dev.trefoil.DeadlineFired")
@Label("Deadline Fired")
@Description("A deadline has passed, and cancelled a scope or ended a sleep")
@Category("Trefoil")
@StackTrace(false)
final class DeadlineFiredEvent extends Event {
  @Label("Run")
  @Nullable String run;

  @Label("Scope")
  @Nullable String scope;

  @Label("Late")
  @Description("By how much the deadline had passed, on the run's clock")
  @Timespan(Timespan.NANOSECONDS)
  long late;
}
