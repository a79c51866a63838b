package dev.trefoil.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.EntryPoint;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing that is always ready keeps the rest waiting. */
class StarvationTest {
  private static final int ROUNDS = 200;

  private boolean spinning = true;

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("R31")
  @Tag("R74")
  @Timeout(60)
  void spinningTasksStarveNeitherIoNorDeadlinesNorEntryCalls(Backend backend) {
    Trefoil.run(
        RunOptions.defaults().withBackend(backend),
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn("spins on yieldBriefly", this::spinOnYieldBriefly);
                  nursery.spawn("spins on yieldBrieflyNoCancel", this::spinOnYieldNoCancel);
                  bounceBytesThroughAPipe();
                  letDeadlinesPass();
                  makeEntryCallsFromAThread();
                  spinning = false;
                }));
    assertThat(spinning).isFalse();
  }

  private void spinOnYieldBriefly() {
    while (spinning) {
      Hazmat.yieldBriefly();
    }
  }

  private void spinOnYieldNoCancel() {
    while (spinning) {
      Hazmat.yieldBrieflyNoCancel();
    }
  }

  private static void bounceBytesThroughAPipe() throws Exception {
    Pipe pipe = Pipe.open();
    try (Pipe.SourceChannel source = pipe.source();
        Pipe.SinkChannel sink = pipe.sink()) {
      source.configureBlocking(false);
      for (int i = 0; i < ROUNDS; i++) {
        sink.write(ByteBuffer.wrap(new byte[] {(byte) i}));
        Hazmat.waitSocketReadable(source);
        ByteBuffer one = ByteBuffer.allocate(1);
        assertThat(source.read(one)).isOne();
        assertThat(one.get(0)).isEqualTo((byte) i);
      }
      Hazmat.notifyClosing(source);
    }
  }

  private static void letDeadlinesPass() {
    for (int i = 0; i < ROUNDS; i++) {
      CancelScope scope = CancelScope.moveOnAfter(Duration.ofNanos(i), Trefoil::sleepForever);
      assertThat(scope.cancelledCaught()).isTrue();
    }
  }

  private static void makeEntryCallsFromAThread() throws InterruptedException {
    EntryPoint entry = Hazmat.currentCallSoonThreadAndSignalSafe();
    CancelScope scope = CancelScope.create();
    int[] calls = new int[1];
    Thread thread =
        new Thread(
            () -> {
              for (int i = 0; i < ROUNDS; i++) {
                entry.callSoonThreadAndSignalSafe(() -> calls[0]++);
              }
              entry.callSoonThreadAndSignalSafe(scope::cancel);
            });
    thread.start();
    scope.run(Trefoil::sleepForever);
    thread.join();
    assertThat(calls[0]).isEqualTo(ROUNDS);
  }
}
