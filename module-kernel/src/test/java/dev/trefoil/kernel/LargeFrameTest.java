package dev.trefoil.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

final class LargeFrameTest {
  @Test
  void codeIsTooLongToBeInlined() throws Exception {
    int inlined =
        Integer.parseInt(
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("FreqInlineSize")
                .getValue());

    assertThat(codeOfNest().codeLength()).isGreaterThan(inlined);
  }

  @Test
  void interpretedFrameHasRoomForTwoKilobytesOfVariables() throws Exception {
    assertThat(codeOfNest().maxLocals()).isGreaterThanOrEqualTo(2048 / Long.BYTES);
  }

  private static CodeAttribute codeOfNest() throws Exception {
    try (InputStream file = LargeFrame.class.getResourceAsStream("LargeFrame.class")) {
      return ClassFile.of().parse(file.readAllBytes()).methods().stream()
          .filter(method -> method.methodName().equalsString("nest"))
          .map(method -> (CodeAttribute) method.code().orElseThrow())
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void manyTurnsEndWell() {
    for (int turn = 0; turn < 100_000; turn++) {
      assertThat(LargeFrame.nest(4, turn)).isPositive();
    }
  }

  @Test
  void overflowsWhereThereIsNoRoomForSoMany() {
    assertThatThrownBy(() -> LargeFrame.nest(100_000, 1)).isInstanceOf(StackOverflowError.class);
  }
}
