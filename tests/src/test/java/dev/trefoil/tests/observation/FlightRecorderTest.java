package dev.trefoil.tests.observation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.RunningCode;
import dev.trefoil.jfr.FlightRecorderInstrument;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.tests.hazmat.EveryBackend;
import dev.trefoil.tests.hazmat.KernelLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real recordings of real runs. */
@Tag("T86")
@Timeout(120)
final class FlightRecorderTest {
  @TempDir private Path folder;

  /** What was recorded of the run that {@code main} was the main task of. */
  private List<RecordedEvent> record(
      RunOptions options, Action<Exception> main, Instrument... instruments) throws Exception {
    AtomicReference<String> run = new AtomicReference<>();
    Path file = folder.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      for (String name : List.of("TaskSpawned", "TaskExited", "RunBlocked", "DeadlineFired")) {
        recording.enable("dev.trefoil." + name);
      }
      recording.enable("dev.trefoil.TaskStep").withThreshold(Duration.ofMillis(5));
      recording.enable("dev.trefoil.IoWait").withThreshold(Duration.ofMillis(5));
      recording.start();
      RunOptions instrumented = options;
      for (Instrument instrument : instruments) {
        instrumented = instrumented.withInstrument(instrument);
      }
      Trefoil.run(
          instrumented,
          () -> {
            run.set(Hazmat.currentRun().toString());
            main.run();
          });
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().startsWith("dev.trefoil."))
        .filter(event -> run.get().equals(event.getString("run")))
        // A recording is in the order of time within a thread only, and a task may have its own.
        .sorted(Comparator.comparing(RecordedEvent::getStartTime))
        .toList();
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream()
        .filter(event -> event.getEventType().getName().equals("dev.trefoil." + name))
        .toList();
  }

  @EveryBackend
  void tasksAreRecordedFromSpawnToEndWithParentAndOutcome(RunOptions options) throws Exception {
    List<RecordedEvent> events =
        record(
            options,
            () -> {
              try {
                Nursery.open(
                    nursery -> {
                      nursery.spawn("good", () -> {});
                      nursery.spawn(
                          "bad",
                          () -> {
                            throw new IOException("broken");
                          });
                    });
              } catch (ExceptionGroup expected) {
                assertThat(expected).hasStackTraceContaining("broken");
              }
            },
            new FlightRecorderInstrument());
    assertThat(named(events, "TaskSpawned"))
        .extracting(event -> event.getString("taskName") + " in " + event.getLong("parentTaskId"))
        .containsExactly("main in 0", "good in 1", "bad in 1");
    assertThat(named(events, "TaskExited"))
        .extracting(
            event ->
                event.getString("taskName")
                    + " "
                    + event.getString("state")
                    + " "
                    + event.getString("error"))
        .containsExactly("good TERMINATED ", "bad CRASHED java.io.IOException", "main TERMINATED ");
  }

  @EveryBackend
  void stepsAndWaitsLongerThanTheThresholdAreRecorded(RunOptions options) throws Exception {
    List<RecordedEvent> events =
        record(
            options,
            () -> {
              for (int i = 0; i < 100; i++) {
                Hazmat.yieldBriefly();
              }
              long end = System.nanoTime() + 20_000_000;
              while (System.nanoTime() < end) {
                Thread.onSpinWait();
              }
              Trefoil.sleep(Duration.ofMillis(200));
            },
            new FlightRecorderInstrument());
    assertThat(named(events, "TaskStep"))
        .hasSizeLessThan(100)
        .anySatisfy(
            event -> {
              assertThat(event.getString("taskName")).isEqualTo("main");
              assertThat(event.getLong("taskId")).isEqualTo(1);
              assertThat(event.getDuration()).isGreaterThan(Duration.ofMillis(15));
            });
    assertThat(named(events, "IoWait"))
        .anySatisfy(event -> assertThat(event.getDuration()).isGreaterThan(Duration.ofMillis(10)));
  }

  @EveryBackend
  void deadlinesAreRecordedWithTheScope(RunOptions options) throws Exception {
    AtomicReference<String> scope = new AtomicReference<>();
    List<RecordedEvent> events =
        record(
            options,
            () -> {
              CancelScope late = CancelScope.withTimeout(Duration.ofMillis(1));
              scope.set(late.toString());
              late.run(Trefoil::sleepForever);
            },
            new FlightRecorderInstrument());
    assertThat(named(events, "DeadlineFired"))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getString("scope")).isEqualTo(scope.get());
              assertThat(event.getDuration("late")).isGreaterThanOrEqualTo(Duration.ZERO);
            });
  }

  @EveryBackend
  void deadlineInTheFarthestPastHasFiredLateAndNotEarly(RunOptions options) throws Exception {
    CancelScope scope = CancelScope.create();
    List<RecordedEvent> events =
        record(
            options,
            () ->
                scope.run(
                    () -> {
                      scope.setDeadline(Long.MIN_VALUE);
                      Trefoil.sleepForever();
                    }),
            new FlightRecorderInstrument());
    assertThat(named(events, "DeadlineFired"))
        .singleElement()
        .satisfies(event -> assertThat(event.getDuration("late")).isPositive());
  }

  @EveryBackend
  void aBlockedRunIsRecordedWithTheStackOfTheCulprit(RunOptions options) throws Exception {
    BlockingTask blocking = new BlockingTask();
    Instrument release =
        new Instrument() {
          @Override
          public void runBlocked(Run run, RunningCode code, long nanos) {
            blocking.release();
          }
        };
    try (KernelLog kernelLog = KernelLog.capture()) {
      List<RecordedEvent> events =
          record(
              options.withBlockedWarningAfter(Duration.ofMillis(20)),
              () -> Nursery.open(nursery -> nursery.spawn("hog", blocking::block)),
              new FlightRecorderInstrument(),
              release);
      assertThat(kernelLog.messages()).isNotEmpty();
      assertThat(named(events, "RunBlocked"))
          .anySatisfy(
              event -> {
                assertThat(event.getString("culprit")).contains("'hog'");
                assertThat(event.getLong("taskId")).isEqualTo(2);
                assertThat(event.getDuration("blockedFor")).isGreaterThan(Duration.ofMillis(10));
                assertThat(event.getString("stack")).contains("BlockingTask.block");
              });
    }
  }

  @EveryBackend
  void nothingIsRecordedWithoutTheInstrument(RunOptions options) throws Exception {
    assertThat(
            record(
                options,
                () -> CancelScope.moveOnAfter(Duration.ofMillis(1), Trefoil::sleepForever)))
        .isEmpty();
  }
}
