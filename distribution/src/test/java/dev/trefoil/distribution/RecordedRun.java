package dev.trefoil.distribution;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.jfr.FlightRecorderInstrument;
import dev.trefoil.tasks.Trefoil;
import java.io.IOException;
import java.nio.file.Path;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** A program for the image's JVM: records a run and prints what is in the recording. */
final class RecordedRun {
  private static final String TASK_EXITED = "dev.trefoil.TaskExited";

  private RecordedRun() {}

  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    Backend backend;
    try (Recording recording = new Recording()) {
      recording.enable(TASK_EXITED);
      recording.start();
      backend =
          Trefoil.run(
              RunOptions.defaults().withInstrument(new FlightRecorderInstrument()),
              () -> Hazmat.currentRun().backend());
      recording.dump(file);
    }
    for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
      if (event.getEventType().getName().equals(TASK_EXITED)
          && event.getString("taskName").equals("main")) {
        System.out.println("exited: main");
      }
    }
    System.out.println("backend: " + backend);
  }
}
