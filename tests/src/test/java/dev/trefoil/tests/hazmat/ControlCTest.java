package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.KeyboardInterrupt;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Keyboard interrupts as they come in life: SIGINT from another process. */
@Tag("R20")
@Timeout(60)
final class ControlCTest {
  /** What a shell makes of a process that SIGINT has ended. */
  private static final int ENDED_BY_SIGINT = 130;

  private Process process;
  private BufferedReader output;

  private void start(ControlCProgram program, Backend backend, String... jvmOptions)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                // A build in the background of a shell has SIGINT ignored, and hands that down.
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of(jvmOptions));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            ControlCProgram.class.getName(),
            program.name(),
            backend.name()));
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    output = process.inputReader();
  }

  private void controlC() throws Exception {
    assertThat(sendControlC()).isTrue();
  }

  /** Returns false if there is no such process any more. */
  private boolean sendControlC() throws Exception {
    return new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor() == 0;
  }

  private void expect(String... lines) throws IOException {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < lines.length; i++) {
      found.add(output.readLine());
    }
    assertThat(found).containsExactlyInAnyOrder(lines);
  }

  /** Presses it like somebody who loses patience, until a line matches, or to the end if null. */
  private void controlCUntil(String pattern) throws Exception {
    String line = "";
    while (line != null && (pattern == null || !line.matches(pattern))) {
      while (!output.ready() && sendControlC()) {
        process.waitFor(200, TimeUnit.MILLISECONDS);
      }
      line = output.readLine();
    }
    assertThat(line == null).isEqualTo(pattern == null);
  }

  private String rest() throws IOException {
    return output.readAllAsString();
  }

  private void expectEnd(int status) throws Exception {
    assertThat(rest()).isEmpty();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(status);
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("T1")
  void interruptsTheRunOfTheMainThreadAndAfterItTheProcessAsBefore(Backend backend)
      throws Exception {
    start(ControlCProgram.MAIN_THREAD, backend);
    expect("ready");
    controlC();
    expect("child left", "interrupted", "after the run");
    controlC();
    expectEnd(ENDED_BY_SIGINT);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void endsTheProcessAsInAnyProgramIfTheRunRefusesIt(Backend backend) throws Exception {
    start(ControlCProgram.MAIN_THREAD_REFUSING_IT, backend);
    expect("ready");
    controlC();
    expectEnd(ENDED_BY_SIGINT);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void endsTheProcessAsInAnyProgramIfTheRunIsInAnotherThread(Backend backend) throws Exception {
    for (ControlCProgram program :
        List.of(ControlCProgram.OTHER_THREAD, ControlCProgram.OTHER_THREAD_CALLED_MAIN)) {
      start(program, backend);
      expect("ready");
      controlC();
      expectEnd(ENDED_BY_SIGINT);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void interruptsARunInAnotherThreadThatAsksForIt(Backend backend) throws Exception {
    start(ControlCProgram.OTHER_THREAD_ASKING_FOR_IT, backend);
    expect("ready");
    controlC();
    expect("child left", "interrupted");
    expectEnd(0);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("R57")
  void interruptsAKernelThatRunsInTheMainThread(Backend backend) throws Exception {
    start(ControlCProgram.KERNEL, backend);
    expect("ready");
    controlC();
    expect("interrupted");
    expectEnd(0);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("T90")
  void interruptsAGuestOfTheMainThread(Backend backend) throws Exception {
    start(ControlCProgram.GUEST, backend);
    expect("ready");
    controlC();
    expect("interrupted");
    expectEnd(0);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void interruptsAllRunsThatTakeIt(Backend backend) throws Exception {
    start(ControlCProgram.TWO_RUNS, backend);
    expect("ready", "ready");
    controlC();
    expect("child left", "interrupted", "child left", "interrupted");
    expectEnd(0);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void leavesAProgramItsOwnHandler(Backend backend) throws Exception {
    start(ControlCProgram.OWN_HANDLER, backend);
    expect("ready");
    controlC();
    expect("own handler");
    assertThat(process.isAlive()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void doesNotPutBackTheHandlerBeforeIfTheProgramHasSetOneMeanwhile(Backend backend)
      throws Exception {
    start(ControlCProgram.OWN_HANDLER_SET_INSIDE, backend);
    expect("ready");
    controlC();
    expect("own handler");
    assertThat(process.isAlive()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void traceOfAnInterruptShowsWhereTheMainTaskSlept(Backend backend) throws Exception {
    start(ControlCProgram.SLEEPING_MAIN, backend);
    expect("ready");
    controlC();
    assertThat(rest())
        .startsWith("Exception in thread \"main\" " + KeyboardInterrupt.class.getName())
        .contains("dev.trefoil.tasks.Trefoil.sleep(", "ControlCProgram.sleepLong(");
    assertThat(process.waitFor()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void programThatCatchesItAndGoesOnIsInterruptedAgain(Backend backend) throws Exception {
    start(ControlCProgram.PERSISTENT, backend);
    for (int i = 1; i <= 3; i++) {
      expect("ready");
      controlC();
      expect("interrupted " + i);
    }
    expectEnd(0);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void secondOneInAHurryIsTheSame(Backend backend) throws Exception {
    start(ControlCProgram.FORGIVING, backend);
    expect("ready");
    controlC();
    expect("interrupted");
    controlC();
    expect("left alone");
    expectEnd(0);
  }

  @ParameterizedTest
  @CsvSource({
    "REFUSING_CHILD, dev.trefoil.tests.hazmat.ControlCProgram.refuse",
    "REFUSING_SYSTEM_TASK, dev.trefoil.tests.hazmat.ControlCProgram.refuse",
    "REFUSING_MAIN, REFUSER",
    "STUCK, dev.trefoil.tests.hazmat.ControlCProgram.spin",
    "REFUSING_IN_OTHER_THREAD, dev.trefoil.tests.hazmat.ControlCProgram.refuse",
    "REFUSING_WITH_HOOK, hook"
  })
  void secondOneForcesTheEndAndSaysWhoRefuses(ControlCProgram program, String said)
      throws Exception {
    for (Backend backend : List.of(Backend.CONTINUATION, Backend.VIRTUAL_THREAD)) {
      start(program, backend);
      expect("ready");
      controlCUntil("Control-C again: run-1 has not ended .*");
      assertThat(rest()).contains(said);
      expectEnd(ENDED_BY_SIGINT);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void thirdOneEndsWhatTheShutdownHooksHoldUp(Backend backend) throws Exception {
    start(ControlCProgram.REFUSING_WITH_HOOK_THAT_HANGS, backend);
    expect("ready");
    controlCUntil("hook");
    long begin = System.nanoTime();
    controlCUntil(null);
    expectEnd(ENDED_BY_SIGINT);
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .as("what it would take without a third one")
        .isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void withoutAThirdOneTheShutdownHooksHaveTenSeconds() throws Exception {
    start(ControlCProgram.REFUSING_WITH_HOOK_THAT_HANGS, Backend.AUTO);
    expect("ready");
    controlCUntil("Control-C again: run-1 has not ended .*");
    assertThat(rest()).contains("hook");
    expectEnd(ENDED_BY_SIGINT);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void runThatCannotTakeItIsRefusedAndLeavesItsThreadToTheNext(Backend backend) throws Exception {
    start(ControlCProgram.NOT_TO_BE_HAD, backend, "--limit-modules=java.base,java.logging,jdk.jfr");
    assertThat(output.readLine()).contains("jdk.unsupported");
    expect("next run");
    expectEnd(0);
  }
}
