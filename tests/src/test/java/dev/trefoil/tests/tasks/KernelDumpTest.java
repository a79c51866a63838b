package dev.trefoil.tests.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.TaskDump;
import dev.trefoil.tasks.Kernel;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.tests.hazmat.EveryBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** Looking into a kernel from outside, whatever it is doing. */
@Tag("R72")
@Tag("T81")
@Timeout(60)
final class KernelDumpTest {
  private final ParkingLot lot = new ParkingLot();

  private static Kernel kernel(RunOptions options) {
    return Kernel.builder().options(options).build();
  }

  private static List<String> labels(TaskDump dump) {
    return dump.roots().stream().map(entry -> entry.name() + " " + entry.stateLabel()).toList();
  }

  @EveryBackend
  void aKernelThatStandsStillShowsItsTasks(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      assertThat(kernel.dump().roots()).isEmpty();
      kernel.addTask(() -> lot.park("A_LABEL"), true);
      kernel.addTask(Hazmat::yieldBriefly);
      kernel.run();
      assertThat(labels(kernel.dump())).singleElement().asString().endsWith(" A_LABEL");
      assertThat(kernel.dump().toJson()).contains("A_LABEL");
      assertThat(kernel.dump().toString()).contains("A_LABEL").contains("KernelDumpTest");
    }
  }

  @EveryBackend
  void aTaskSeesItsKernel(RunOptions options) {
    try (Kernel kernel = kernel(options)) {
      assertThat(labels(kernel.run(() -> kernel.dump())))
          .singleElement()
          .asString()
          .endsWith(" RUNNING");
    }
  }

  @EveryBackend
  void aSleepingKernelIsWokenForTheQuestion(RunOptions options) throws Exception {
    try (Kernel kernel = kernel(options)) {
      CountDownLatch runs = new CountDownLatch(1);
      FutureTask<TaskDump> dump = new FutureTask<>(kernel::dump);
      FutureTask<?> stop =
          new FutureTask<>(
              () -> {
                runs.await();
                dump.run();
                kernel.stop();
                return null;
              });
      Thread outsider = Thread.ofPlatform().start(stop);
      kernel.addTask(
          () -> {
            runs.countDown();
            lot.park("A_LABEL");
          },
          false);
      kernel.run();
      stop.get();
      outsider.join();
      assertThat(labels(dump.get())).singleElement().asString().endsWith(" A_LABEL");
    }
  }

  @EveryBackend
  void whoLooksNeverMakesRunningFailAndAlwaysGetsAnAnswer(RunOptions options) throws Exception {
    try (Kernel kernel = kernel(options)) {
      AtomicBoolean over = new AtomicBoolean();
      FutureTask<Integer> looking =
          new FutureTask<>(
              () -> {
                int dumps = 0;
                while (!over.get() || dumps == 0) {
                  kernel.dump();
                  dumps++;
                }
                return dumps;
              });
      Thread outsider = Thread.ofPlatform().start(looking);
      List<Integer> ran = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        int number = i;
        kernel.addTask(() -> ran.add(number));
        kernel.run();
      }
      over.set(true);
      assertThat(looking.get()).isPositive();
      outsider.join();
      assertThat(ran).hasSize(2_000);
    }
  }

  @EveryBackend
  void afterShutdownAndInsideAnotherRunItIsRefused(RunOptions options) {
    Kernel kernel = kernel(options);
    Trefoil.run(
        options,
        () ->
            assertThatThrownBy(kernel::dump)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Cannot dump"));
    kernel.close();
    assertThatThrownBy(kernel::dump)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has ended");
  }
}
