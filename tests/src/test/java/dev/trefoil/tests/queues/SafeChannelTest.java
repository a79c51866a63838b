package dev.trefoil.tests.queues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.BrokenResource;
import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.EndOfChannel;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.queues.SafeChannel;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

@Tag("T34")
final class SafeChannelTest {
  private final List<String> log = new ArrayList<>();

  private void count(SafeChannel.Output<Integer> out) {
    log.add("begins");
    try {
      for (int i = 1; i <= 3; i++) {
        log.add("makes " + i);
        out.send(i);
      }
      log.add("returns");
    } finally {
      log.add("ends");
    }
  }

  @TrefoilTest(seeds = 20)
  void producerAndConsumerTakeTurnsWithoutReadingAhead() {
    SafeChannel.open(
        this::count,
        in -> {
          Testing.waitAllTasksBlocked();
          log.add("loop");
          for (int item : in) {
            Testing.waitAllTasksBlocked();
            log.add("uses " + item);
          }
          log.add("loop left");
        });
    assertThat(log)
        .startsWith("loop", "begins", "makes 1", "uses 1", "makes 2", "uses 2", "makes 3", "uses 3")
        .containsSubsequence("uses 3", "returns", "ends")
        .contains("loop left")
        .hasSize(11);
  }

  @TrefoilTest(seeds = 20)
  void producerIsCancelledAndWaitedForWhenTheConsumerLeaves(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    int first =
        SafeChannel.<Integer, Integer, RuntimeException>call(
            out -> {
              try {
                count(out);
              } finally {
                CancelScope.create()
                    .shielded()
                    .run(
                        () -> {
                          Trefoil.sleep(Duration.ofSeconds(1));
                          log.add("cleaned up");
                        });
              }
            },
            in -> in.iterator().next());
    assertThat(first).isOne();
    assertThat(log).containsExactly("begins", "makes 1", "ends", "cleaned up");
  }

  @TrefoilTest(seeds = 20)
  void producerThatNobodyAsksNeverBegins() {
    SafeChannel.open(this::count, in -> Testing.waitAllTasksBlocked());
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  void errorOfTheProducerComesOutAsItIs() {
    IOException error = new IOException("broken pipe");
    assertThatThrownBy(
            () ->
                SafeChannel.<Integer, IOException>open(
                    out -> {
                      out.send(1);
                      throw error;
                    },
                    in -> {
                      for (int item : in) {
                        log.add("uses " + item);
                      }
                      log.add("believes that all is well");
                    }))
        .isSameAs(error);
    assertThat(log).containsExactly("uses 1");
  }

  @TrefoilTest(seeds = 20)
  void errorOfTheConsumerComesOutAsItIs() {
    IOException error = new IOException("disk full");
    assertThatThrownBy(
            () ->
                SafeChannel.<Integer, IOException>open(
                    this::count,
                    in -> {
                      in.receive();
                      throw error;
                    }))
        .isSameAs(error);
    assertThat(log).containsExactly("begins", "makes 1", "ends");
  }

  @TrefoilTest(seeds = 20)
  void errorThatIsNoExceptionComesOutAsItIs() {
    AssertionError error = new AssertionError("no exception");
    assertThatThrownBy(
            () ->
                SafeChannel.<Integer, RuntimeException>open(
                    this::count,
                    in -> {
                      throw error;
                    }))
        .isSameAs(error);
  }

  @TrefoilTest(seeds = 20)
  void severalErrorsComeAsAGroup() {
    assertThatThrownBy(
            () ->
                SafeChannel.<Integer, Exception>open(
                    out -> {
                      try {
                        out.send(1);
                      } finally {
                        closeBadly();
                      }
                    },
                    in -> {
                      in.receive();
                      throw new IOException("disk full");
                    }))
        .isInstanceOfSatisfying(
            ExceptionGroup.class,
            group ->
                assertThat(group.exceptions())
                    .extracting(Throwable::getMessage)
                    .containsExactly("disk full", "cannot close"));
  }

  private static void closeBadly() {
    throw new IllegalStateException("cannot close");
  }

  @TrefoilTest(seeds = 20)
  void consumerInsideAShieldLearnsThatTheProducerHasFailed() {
    IOException error = new IOException("broken pipe");
    assertThatThrownBy(
            () ->
                SafeChannel.<Integer, IOException>open(
                    out -> {
                      throw error;
                    },
                    in ->
                        CancelScope.create()
                            .shielded()
                            .run(
                                () ->
                                    assertThatThrownBy(in::receive)
                                        .isInstanceOf(BrokenResource.class)
                                        .hasMessageContainingAll("failed", "IOException"))))
        .isSameAs(error);
  }

  @TrefoilTest(seeds = 20)
  void cancelledReceiveLosesNoItem(MockClock clock) {
    clock.setAutojumpThreshold(Duration.ZERO);
    SafeChannel.<Integer, RuntimeException>open(
        out -> {
          for (int i = 1; i <= 3; i++) {
            Trefoil.sleep(Duration.ofSeconds(10));
            log.add("makes " + i);
            out.send(i);
          }
        },
        in -> {
          CancelScope.moveOnAfter(
              Duration.ofSeconds(1), () -> log.add("too early " + in.receive()));
          Trefoil.sleep(Duration.ofSeconds(60));
          log.add("waited");
          for (int item : in) {
            log.add("uses " + item);
          }
        });
    assertThat(log)
        .containsExactly("makes 1", "waited", "uses 1", "makes 2", "uses 2", "makes 3", "uses 3");
  }

  @TrefoilTest(seeds = 20)
  void receiveInACancelledScopeDoesNotWakeTheProducer() {
    SafeChannel.open(
        this::count,
        in -> {
          CancelScope scope = CancelScope.create();
          scope.cancel();
          scope.run(() -> log.add("got " + in.receive()));
          Testing.waitAllTasksBlocked();
        });
    assertThat(log).isEmpty();
  }

  @TrefoilTest(seeds = 20)
  void cancellationFromOutsideEndsBoth() {
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  scope.run(
                      () ->
                          SafeChannel.<Integer, RuntimeException>open(
                              this::count,
                              in -> {
                                log.add("uses " + in.receive());
                                Trefoil.sleepForever();
                              })));
          Testing.waitAllTasksBlocked();
          scope.cancel();
        });
    assertThat(scope.cancelledCaught()).isTrue();
    assertThat(log).containsExactly("begins", "makes 1", "uses 1", "ends");
  }

  @TrefoilTest(seeds = 20)
  void severalConsumersGetEachItemOnce() {
    List<Integer> used = new ArrayList<>();
    SafeChannel.<Integer, RuntimeException>open(
        out -> {
          for (int i = 0; i < 20; i++) {
            out.send(i);
          }
        },
        in ->
            Nursery.open(
                nursery -> {
                  for (int c = 0; c < 3; c++) {
                    nursery.spawn(
                        () -> {
                          for (int item : in) {
                            used.add(item);
                            Hazmat.yieldBriefly();
                          }
                        });
                  }
                }));
    assertThat(used).hasSize(20).doesNotHaveDuplicates();
  }

  @TrefoilTest
  void bothSidesAreCheckpoints() {
    SafeChannel.<Integer, RuntimeException>open(
        out -> Checkpoints.assertCheckpoints(() -> out.send(1)),
        in -> {
          Checkpoints.assertCheckpoints(in::receive);
          Checkpoints.assertCheckpoints(
              () -> assertThatThrownBy(in::receive).isInstanceOf(EndOfChannel.class));
        });
  }

  @TrefoilTest
  void nothingWorksAfterTheEnd() {
    List<SafeChannel<Integer>> ins = new ArrayList<>();
    List<SafeChannel.Output<Integer>> outs = new ArrayList<>();
    SafeChannel.<Integer, RuntimeException>open(
        out -> {
          outs.add(out);
          out.send(1);
        },
        in -> {
          ins.add(in);
          in.receive();
        });
    assertThatThrownBy(() -> ins.getFirst().receive()).isInstanceOf(ClosedResource.class);
    assertThatThrownBy(() -> outs.getFirst().send(2)).isInstanceOf(ClosedResource.class);
  }
}
