package dev.trefoil.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

@Name("dev.trefoil.IoWait")
@Label("I/O Wait")
@Description("A run looked for I/O, sleeping if there was nothing to do")
@Category("Trefoil")
@Threshold("20 ms")
@StackTrace(false)
final class IoWaitEvent extends Event {
  @Label("Run")
  @Nullable String run;

  @Label("Timeout")
  @Description("For how long at most; the largest number if for ever")
  @Timespan(Timespan.NANOSECONDS)
  long timeout;
}
