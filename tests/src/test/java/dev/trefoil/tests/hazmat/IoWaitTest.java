package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.ClosedResource;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.IoStatistics;
import dev.trefoil.hazmat.ResourceBusy;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

/** Waiting for real channels. */
final class IoWaitTest {
  private final List<Channel> opened = new ArrayList<>();
  private final List<String> log = new ArrayList<>();

  private <C extends Channel> C opened(C channel) {
    opened.add(channel);
    return channel;
  }

  @AfterEach
  void closeAll() throws IOException {
    for (Channel channel : opened) {
      channel.close();
    }
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private ServerSocketChannel listener() throws IOException {
    ServerSocketChannel listener = opened(ServerSocketChannel.open()).bind(loopback());
    listener.configureBlocking(false);
    return listener;
  }

  /** Two ends of one connection, both in non-blocking mode. */
  private SocketChannel[] connection() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open().bind(loopback())) {
      SocketChannel left = opened(SocketChannel.open(listener.getLocalAddress()));
      SocketChannel right = opened(listener.accept());
      left.configureBlocking(false);
      right.configureBlocking(false);
      return new SocketChannel[] {left, right};
    }
  }

  /** A pipe, both ends in non-blocking mode: what is written is readable at once. */
  private Pipe pipe() throws IOException {
    Pipe pipe = Pipe.open();
    opened(pipe.source()).configureBlocking(false);
    opened(pipe.sink()).configureBlocking(false);
    return pipe;
  }

  private static ByteBuffer oneByte() {
    return ByteBuffer.wrap(new byte[] {42});
  }

  private static int readOne(SocketChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1);
    int count;
    while ((count = channel.read(buffer)) == 0) {
      Hazmat.waitSocketReadable(channel);
    }
    return count < 0 ? count : buffer.get(0);
  }

  private static void fill(SocketChannel channel) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
    while (channel.write(chunk) > 0) {
      chunk.clear();
    }
  }

  private static int drain(SocketChannel channel) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
    int total = 0;
    int count;
    while ((count = channel.read(chunk)) > 0) {
      total += count;
      chunk.clear();
    }
    return total;
  }

  private Task<?> spawnReader(Nursery nursery, String name, SelectableChannel channel) {
    Task<?> task =
        nursery.spawn(
            name,
            () -> {
              Hazmat.waitSocketReadable(channel);
              log.add(name + " woke");
            });
    Testing.waitAllTasksBlocked();
    return task;
  }

  private Task<?> spawnWriter(Nursery nursery, String name, SelectableChannel channel) {
    Task<?> task =
        nursery.spawn(
            name,
            () -> {
              Hazmat.waitSocketWritable(channel);
              log.add(name + " woke");
            });
    Testing.waitAllTasksBlocked();
    return task;
  }

  // ---- readiness

  @TrefoilTest(seeds = 20)
  @Tag("R1")
  void readerWakesWhenDataHasCome() throws IOException {
    SocketChannel[] ends = connection();
    Nursery.open(
        nursery -> {
          Task<Integer> reader = nursery.spawn(() -> readOne(ends[0]));
          Testing.waitAllTasksBlocked();
          assertThat(reader.stateLabel()).isEqualTo("READ_WAIT");
          ends[1].write(oneByte());
          assertThat(reader.join()).isEqualTo(42);
        });
  }

  @TrefoilTest
  @Tag("R1")
  void waitingForWhatIsReadyIsStillACheckpoint() throws IOException {
    Pipe pipe = pipe();
    pipe.sink().write(oneByte());
    for (int i = 0; i < 3; i++) {
      Checkpoints.assertCheckpoints(() -> Hazmat.waitSocketReadable(pipe.source()));
    }
  }

  @TrefoilTest
  @Tag("R2")
  void freshConnectionIsWritableAtOnceAndWaitingForItIsStillACheckpoint() throws IOException {
    SocketChannel[] ends = connection();
    for (int i = 0; i < 3; i++) {
      Checkpoints.assertCheckpoints(() -> Hazmat.waitSocketWritable(ends[0]));
    }
  }

  @TrefoilTest
  @Tag("R2")
  void writerWakesWhenThereIsRoomAgain() throws IOException {
    SocketChannel[] ends = connection();
    fill(ends[0]);
    Nursery.open(
        nursery -> {
          Task<?> writer = spawnWriter(nursery, "writer", ends[0]);
          assertThat(writer.stateLabel()).isEqualTo("WRITE_WAIT");
          while (!writer.state().isFinal()) {
            drain(ends[1]);
            Hazmat.yieldBriefly();
          }
        });
    assertThat(log).containsExactly("writer woke");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R1")
  void endOfTheStreamWakesTheReader() throws IOException {
    SocketChannel[] ends = connection();
    Nursery.open(
        nursery -> {
          Task<Integer> reader = nursery.spawn(() -> readOne(ends[0]));
          Testing.waitAllTasksBlocked();
          ends[1].close();
          assertThat(reader.join()).isEqualTo(-1);
        });
  }

  @TrefoilTest
  @Tag("R1")
  @Tag("R2")
  void hangUpWakesReaderAndWriter() throws IOException {
    SocketChannel[] ends = connection();
    fill(ends[0]);
    Nursery.open(
        nursery -> {
          spawnReader(nursery, "reader", ends[0]);
          spawnWriter(nursery, "writer", ends[0]);
          // Data that nobody has read makes the close a reset.
          ends[1].close();
        });
    assertThat(log).containsExactlyInAnyOrder("reader woke", "writer woke");
  }

  @TrefoilTest
  @Tag("R1")
  void listenerIsReadableWhenAConnectionIsPending() throws IOException {
    ServerSocketChannel listener = listener();
    Nursery.open(
        nursery -> {
          Task<?> acceptor = spawnReader(nursery, "acceptor", listener);
          opened(SocketChannel.open(listener.getLocalAddress()));
          acceptor.join();
          assertThat(opened(listener.accept())).isNotNull();
        });
  }

  @TrefoilTest
  @Tag("R2")
  void connectingSocketIsWritableWhenItHasConnected() throws IOException {
    ServerSocketChannel listener = listener();
    SocketChannel socket = opened(SocketChannel.open());
    socket.configureBlocking(false);
    boolean connected = socket.connect(listener.getLocalAddress());
    while (!connected) {
      Hazmat.waitSocketWritable(socket);
      connected = socket.finishConnect();
    }
    opened(listener.accept());
    Hazmat.waitSocketWritable(socket);
    assertThat(socket.write(oneByte())).isOne();
  }

  @TrefoilTest
  @Tag("R2")
  void connectingSocketThatIsRefusedWakesItsWaiter() throws IOException {
    InetSocketAddress nobodyListens;
    try (ServerSocketChannel listener = ServerSocketChannel.open().bind(loopback())) {
      nobodyListens = (InetSocketAddress) listener.getLocalAddress();
    }
    SocketChannel socket = opened(SocketChannel.open());
    socket.configureBlocking(false);
    assertThatThrownBy(
            () -> {
              socket.connect(nobodyListens);
              Hazmat.waitSocketWritable(socket);
              socket.finishConnect();
            })
        .isInstanceOf(ConnectException.class);
  }

  // ---- who waits

  @TrefoilTest(seeds = 20)
  @Tag("R1")
  @Tag("T35")
  void secondReaderIsRefusedWithTheNamesOfBoth() throws IOException {
    Pipe pipe = pipe();
    Nursery.open(
        nursery -> {
          spawnReader(nursery, "first", pipe.source());
          nursery
              .spawn(
                  "second",
                  () ->
                      assertThatThrownBy(() -> Hazmat.waitSocketReadable(pipe.source()))
                          .isInstanceOf(ResourceBusy.class)
                          .hasMessageContainingAll("'first'", "'second'", "readable"))
              .join();
          assertThat(log).as("the first still waits").isEmpty();
          pipe.sink().write(oneByte());
        });
    assertThat(log).containsExactly("first woke");
  }

  @TrefoilTest
  @Tag("R2")
  @Tag("T35")
  void secondWriterIsRefusedWithTheNamesOfBoth() throws IOException {
    SocketChannel[] ends = connection();
    fill(ends[0]);
    Nursery.open(
        nursery -> {
          spawnWriter(nursery, "first", ends[0]);
          assertThatThrownBy(() -> Hazmat.waitSocketWritable(ends[0]))
              .isInstanceOf(ResourceBusy.class)
              .hasMessageContainingAll("'first'", "'main'", "writable");
          nursery.cancelScope().cancel();
        });
  }

  @TrefoilTest
  @Tag("R1")
  @Tag("R2")
  @Tag("R4")
  void wakingTheReaderKeepsTheWriterWaitingAndTheOtherWayRound() throws IOException {
    SocketChannel[] ends = connection();
    fill(ends[0]);
    Nursery.open(
        nursery -> {
          Task<?> reader = spawnReader(nursery, "reader", ends[0]);
          Task<?> writer = spawnWriter(nursery, "writer", ends[0]);
          ends[1].write(oneByte());
          reader.join();
          Testing.waitAllTasksBlocked();
          assertThat(writer.state()).isEqualTo(TaskState.PARKED);
          drain(ends[0]);
          Task<?> again = spawnReader(nursery, "reader again", ends[0]);
          while (!writer.state().isFinal()) {
            drain(ends[1]);
            Hazmat.yieldBriefly();
          }
          Testing.waitAllTasksBlocked();
          assertThat(again.state()).isEqualTo(TaskState.PARKED);
          ends[1].write(oneByte());
        });
    assertThat(log).containsExactly("reader woke", "writer woke", "reader again woke");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R1")
  void channelsAreWaitedForIndependently() throws IOException {
    List<Pipe> pipes = List.of(pipe(), pipe(), pipe());
    Nursery.open(
        nursery -> {
          for (int i = 0; i < pipes.size(); i++) {
            spawnReader(nursery, "reader " + i, pipes.get(i).source());
          }
          pipes.get(1).sink().write(oneByte());
          Testing.waitAllTasksBlocked();
          assertThat(log).containsExactly("reader 1 woke");
          pipes.get(0).sink().write(oneByte());
          pipes.get(2).sink().write(oneByte());
        });
    assertThat(log).hasSize(3);
  }

  @TrefoilTest(seeds = 20)
  @Tag("R1")
  void readinessThatNobodyWaitsForDisturbsNobody() throws IOException {
    Pipe noisy = pipe();
    Pipe quiet = pipe();
    noisy.sink().write(oneByte());
    Hazmat.waitSocketReadable(noisy.source());
    Nursery.open(
        nursery -> {
          Task<?> reader = spawnReader(nursery, "reader", quiet.source());
          Testing.waitAllTasksBlocked();
          assertThat(reader.state()).isEqualTo(TaskState.PARKED);
          Checkpoints.assertCheckpoints(() -> Hazmat.waitSocketReadable(noisy.source()));
          quiet.sink().write(oneByte());
        });
  }

  // ---- cancelling

  @TrefoilTest(seeds = 20)
  @Tag("R1")
  @Tag("R2")
  void cancelledWaitLeavesNoTrace() throws IOException {
    Pipe pipe = pipe();
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> Hazmat.waitSocketReadable(pipe.source())));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          assertThat(Hazmat.currentRun().statistics().io().tasksWaitingRead()).isZero();
          spawnReader(nursery, "next", pipe.source());
          pipe.sink().write(oneByte());
        });
    assertThat(log).containsExactly("next woke");
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R1")
  void cancelledScopeRefusesEvenAReadyChannel() throws IOException {
    Pipe pipe = pipe();
    pipe.sink().write(oneByte());
    CancelScope scope = CancelScope.create();
    scope.cancel();
    scope.run(() -> Hazmat.waitSocketReadable(pipe.source()));
    assertThat(scope.cancelledCaught()).isTrue();
  }

  @TrefoilTest(seeds = 20)
  @Tag("R1")
  @Tag("R31")
  void whatBecameReadyInTimeIsNotTimedOut(MockClock clock) throws IOException {
    Pipe pipe = pipe();
    Nursery.open(
        nursery -> {
          Task<CancelScope> reader =
              nursery.spawn(
                  () ->
                      CancelScope.moveOnAfter(
                          Duration.ofSeconds(1),
                          () -> {
                            Hazmat.waitSocketReadable(pipe.source());
                            log.add("read");
                          }));
          Testing.waitAllTasksBlocked();
          pipe.sink().write(oneByte());
          clock.jump(Duration.ofSeconds(2));
          assertThat(reader.join().cancelledCaught()).isFalse();
        });
    assertThat(log).containsExactly("read");
  }

  @TrefoilTest(seeds = 20)
  @Tag("R1")
  void whatDidNotBecomeReadyInTimeIsTimedOut(MockClock clock) throws IOException {
    Pipe pipe = pipe();
    Nursery.open(
        nursery -> {
          Task<CancelScope> reader =
              nursery.spawn(
                  () ->
                      CancelScope.moveOnAfter(
                          Duration.ofSeconds(1), () -> Hazmat.waitSocketReadable(pipe.source())));
          Testing.waitAllTasksBlocked();
          clock.jump(Duration.ofSeconds(2));
          assertThat(reader.join().cancelledCaught()).isTrue();
        });
  }

  // ---- closing

  @TrefoilTest(seeds = 20)
  @Tag("R1")
  @Tag("R2")
  @Tag("T35")
  @Tag("T43")
  void notifyClosingWakesReaderAndWriterWithClosedResource() throws IOException {
    SocketChannel[] ends = connection();
    fill(ends[0]);
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  assertThatThrownBy(() -> Hazmat.waitSocketReadable(ends[0]))
                      .isInstanceOf(ClosedResource.class)
                      .hasMessageContaining("closed"));
          nursery.spawn(
              () ->
                  assertThatThrownBy(() -> Hazmat.waitSocketWritable(ends[0]))
                      .isInstanceOf(ClosedResource.class));
          Testing.waitAllTasksBlocked();
          Checkpoints.assertNoCheckpoints(() -> Hazmat.notifyClosing(ends[0]));
          assertThat(Hazmat.currentRun().statistics().io())
              .extracting(IoStatistics::tasksWaitingRead, IoStatistics::tasksWaitingWrite)
              .containsExactly(0, 0);
          ends[0].close();
        });
  }

  @TrefoilTest
  @Tag("T43")
  void notifyClosingOfWhatNobodyWaitsForDoesNothing() throws IOException {
    Pipe unknown = pipe();
    assertThatCode(() -> Hazmat.notifyClosing(unknown.source())).doesNotThrowAnyException();
    Pipe known = pipe();
    known.sink().write(oneByte());
    Hazmat.waitSocketReadable(known.source());
    assertThatCode(
            () -> {
              Hazmat.notifyClosing(known.source());
              Hazmat.notifyClosing(known.source());
            })
        .doesNotThrowAnyException();
    Hazmat.waitSocketReadable(known.source());
  }

  @TrefoilTest
  @Tag("T43")
  void channelCanBeGivenBackToBlockingCodeAfterNotifyClosing() throws IOException {
    Pipe pipe = pipe();
    pipe.sink().write(oneByte());
    Hazmat.waitSocketReadable(pipe.source());
    Hazmat.notifyClosing(pipe.source());
    pipe.source().configureBlocking(true);
    assertThat(pipe.source().read(ByteBuffer.allocate(1))).isOne();
  }

  @EveryBackend
  @Tag("R1")
  void channelMayBeWaitedForInOneRunAfterTheOther(RunOptions options) throws IOException {
    Pipe pipe = pipe();
    for (int i = 0; i < 3; i++) {
      Trefoil.run(
          options,
          () -> {
            CancelScope scope = CancelScope.create();
            Nursery.open(
                nursery -> {
                  nursery.spawn(() -> scope.run(() -> Hazmat.waitSocketReadable(pipe.source())));
                  Testing.waitAllTasksBlocked();
                  scope.cancel();
                });
            assertThat(scope.cancelledCaught()).isTrue();
            pipe.sink().write(oneByte());
            Hazmat.waitSocketReadable(pipe.source());
            pipe.source().read(ByteBuffer.allocate(1));
          });
    }
    pipe.source().configureBlocking(true);
  }

  @EveryBackend
  @Tag("R1")
  void tasksThatWaitForIoAreCancelledAtTheEndOfTheRun(RunOptions options) throws IOException {
    Pipe pipe = pipe();
    Trefoil.run(
        options,
        () -> {
          Hazmat.spawnSystemTask(
              "reader",
              () -> {
                try {
                  Hazmat.waitSocketReadable(pipe.source());
                  return null;
                } catch (Cancelled cancelled) {
                  log.add("cancelled");
                  throw cancelled;
                }
              });
          Testing.waitAllTasksBlocked();
        });
    assertThat(log).containsExactly("cancelled");
  }

  // ---- what cannot be waited for

  @TrefoilTest
  @Tag("R1")
  @Tag("R2")
  void channelInBlockingModeIsRefused() throws IOException {
    Pipe pipe = pipe();
    pipe.source().configureBlocking(true);
    pipe.sink().configureBlocking(true);
    assertThatThrownBy(() -> Hazmat.waitSocketReadable(pipe.source()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("blocking mode", "configureBlocking(false)");
    assertThatThrownBy(() -> Hazmat.waitSocketWritable(pipe.sink()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("configureBlocking(false)");
  }

  @TrefoilTest
  @Tag("R1")
  @Tag("R2")
  @Tag("T35")
  void closedChannelIsRefusedAsClosed() throws IOException {
    SocketChannel[] ends = connection();
    ends[0].close();
    assertThatThrownBy(() -> Hazmat.waitSocketReadable(ends[0])).isInstanceOf(ClosedResource.class);
    assertThatThrownBy(() -> Hazmat.waitSocketWritable(ends[0])).isInstanceOf(ClosedResource.class);
    assertThatCode(() -> Hazmat.notifyClosing(ends[0])).doesNotThrowAnyException();
  }

  @TrefoilTest
  @Tag("R1")
  @Tag("R2")
  void directionThatAChannelDoesNotHaveIsRefused() throws IOException {
    Pipe pipe = pipe();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Hazmat.waitSocketReadable(pipe.sink()))
        .withMessageContaining("readable");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Hazmat.waitSocketWritable(pipe.source()))
        .withMessageContaining("writable");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Hazmat.waitSocketWritable(listener()))
        .withMessageContaining("writable");
  }

  @TrefoilTest
  @Tag("R1")
  @Tag("R2")
  @Tag("T43")
  void missingChannelIsRefusedByName() {
    assertThatThrownBy(() -> Hazmat.waitSocketReadable(null)).hasMessageContaining("channel");
    assertThatThrownBy(() -> Hazmat.waitSocketWritable(null)).hasMessageContaining("channel");
    assertThatThrownBy(() -> Hazmat.notifyClosing(null)).hasMessageContaining("channel");
  }
}
