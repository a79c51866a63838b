package dev.trefoil.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

@Name("dev.trefoil.TaskExited")
@Label("Task Exited")
@Description("A task has ended")
@Category("Trefoil")
@StackTrace(false)
final class TaskExitedEvent extends Event {
  @Label("Run")
  @Nullable String run;

  @Label("Task Id")
  long taskId;

  @Label("Task Name")
  @Nullable String taskName;

  @Label("State")
  @Description("TERMINATED, CANCELLED or CRASHED")
  @Nullable String state;

  @Label("Error")
  @Description("The class of what the task threw, empty if nothing")
  @Nullable String error;
}
