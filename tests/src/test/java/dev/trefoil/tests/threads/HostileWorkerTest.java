package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.threads.ToProcess;
import dev.trefoil.threads.WorkerCrashed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A worker process that somebody has taken over, and that writes to its pipe whatever he likes. */
@Tag("R76")
@Timeout(120)
@EnabledOnOs(OS.LINUX)
final class HostileWorkerTest {
  private static final int MARK = 0x3EF011;
  private static final byte BEGUN = 1;
  private static final byte RETURNED = 2;

  private static byte[] frame(int mark, byte kind, byte[] content) {
    return ByteBuffer.allocate(Integer.BYTES + 1 + Integer.BYTES + content.length)
        .putInt(mark)
        .put(kind)
        .putInt(content.length)
        .put(content)
        .array();
  }

  /** Is the code of the attacker: finds the pipe for replies among what the process has opened. */
  private static Object send(byte[] forged) throws Exception {
    try (Stream<Path> opened = Files.list(Path.of("/proc/self/fd"))) {
      for (Path file : opened.toList()) {
        if (isReplies(file)) {
          Files.write(file, forged, StandardOpenOption.WRITE);
        }
      }
    }
    Thread.sleep(Long.MAX_VALUE);
    return null;
  }

  private static boolean isReplies(Path file) {
    try {
      int number = Integer.parseInt(file.getFileName().toString());
      return number > 2
          && Files.readSymbolicLink(file).toString().startsWith("pipe:")
          && Files.readAllLines(Path.of("/proc/self/fdinfo", Integer.toString(number))).stream()
              .anyMatch(line -> line.matches("flags:.*1"));
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }

  private static byte[] arrayThatClaimsToBeLong() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new int[0]);
    }
    byte[] array = bytes.toByteArray();
    ByteBuffer.wrap(array).putInt(array.length - Integer.BYTES, Integer.MAX_VALUE - 8);
    return array;
  }

  @TrefoilTest
  void arrayThatClaimsToBeLongerThanItsStreamTakesNoMemory() throws Exception {
    byte[] forged = frame(MARK, RETURNED, arrayThatClaimsToBeLong());
    assertThatThrownBy(() -> ToProcess.runInProcess(() -> send(forged)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("result", "elements");
  }

  @TrefoilTest
  void whatIsNoReplyEndsTheCallAndTheProcess() throws Exception {
    long own = ProcessHandle.current().pid();
    List<byte[]> nonsense =
        List.of(
            "Something printed by native code\n".getBytes(StandardCharsets.UTF_8),
            frame(MARK, BEGUN, new byte[0]),
            frame(MARK, (byte) 99, new byte[0]));
    for (byte[] forged : nonsense) {
      assertThatThrownBy(() -> ToProcess.runInProcess(() -> send(forged)))
          .isInstanceOf(WorkerCrashed.class)
          .hasMessageContainingAll("killed", "no reply", "standard output");
    }
    assertThat(ToProcess.runInProcess(() -> ProcessHandle.current().pid())).isNotEqualTo(own);
    try (Stream<ProcessHandle> children = ProcessHandle.current().children()) {
      assertThat(children.filter(ProcessHandle::isAlive)).hasSize(1);
    }
  }
}
