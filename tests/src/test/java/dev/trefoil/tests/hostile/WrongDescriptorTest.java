package dev.trefoil.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Trefoil;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Waits for descriptors and channels that cannot be waited for. */
@Timeout(60)
class WrongDescriptorTest {
  private static final int MANY = 300;

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @EnabledOnOs(OS.LINUX)
  @Tag("R3")
  void waitingForAnyNumberThatMightBeADescriptorDoesNoHarmToTheRun(Backend backend) {
    List<String> refused = new ArrayList<>();
    Trefoil.run(
        RunOptions.defaults().withBackend(backend),
        () -> {
          for (int round = 0; round < 2; round++) {
            for (int fd = -1; fd < MANY; fd++) {
              int number = fd;
              try {
                CancelScope.moveOnAfter(Duration.ZERO, () -> Hazmat.waitReadable(number));
              } catch (UncheckedIOException expected) {
                refused.add(expected.getMessage());
              }
            }
          }
        });
    assertThat(refused).anyMatch(message -> message.contains("belongs to the run"));
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("R1")
  void readingASocketThatIsStillConnectingIsRefused(Backend backend) throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open();
        SocketChannel client = SocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      client.configureBlocking(false);
      client.connect(server.getLocalAddress());
      Trefoil.run(
          RunOptions.defaults().withBackend(backend),
          () -> {
            if (client.isConnectionPending()) {
              assertThatThrownBy(() -> Hazmat.waitSocketReadable(client))
                  .isInstanceOf(NotYetConnectedException.class);
            }
            Hazmat.waitSocketWritable(client);
            assertThat(client.finishConnect()).isTrue();
          });
    }
  }
}
