package dev.trefoil.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

@Name("dev.trefoil.RunBlocked")
@Label("Run Blocked")
@Description("A piece of code has kept a run from going on")
@Category("Trefoil")
@StackTrace(false)
final class RunBlockedEvent extends Event {
  @Label("Run")
  @Nullable String run;

  @Label("Culprit")
  @Description("The task or other code that does not return")
  @Nullable String culprit;

  @Label("Task Id")
  @Description("The task, 0 if it is the code of none")
  long taskId;

  @Label("Blocked For")
  @Timespan(Timespan.NANOSECONDS)
  long blockedFor;

  @Label("Stack")
  @Description("Where the code is, innermost frame first")
  @Nullable String stack;
}
