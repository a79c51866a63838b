package dev.trefoil.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

@Name("dev.trefoil.TaskStep")
@Label("Task Step")
@Description("A task ran this long without letting others run")
@Category("Trefoil")
@Threshold("20 ms")
@StackTrace(false)
final class TaskStepEvent extends Event {
  @Label("Run")
  @Nullable String run;

  @Label("Task Id")
  long taskId;

  @Label("Task Name")
  @Nullable String taskName;
}
