package dev.trefoil.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

@Name("dev.trefoil.TaskSpawned")
@Label("Task Spawned")
@Description("A task was made")
@Category("Trefoil")
@StackTrace(false)
final class TaskSpawnedEvent extends Event {
  @Label("Run")
  @Nullable String run;

  @Label("Task Id")
  long taskId;

  @Label("Task Name")
  @Nullable String taskName;

  @Label("Parent Task Id")
  @Description("The task whose nursery it is in, 0 if none")
  long parentTaskId;
}
