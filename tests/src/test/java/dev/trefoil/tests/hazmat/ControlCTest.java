package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keyboard interrupts as they come in life: SIGINT from another process. */
@Tag("T4")
@Timeout(60)
final class ControlCTest {
  /** What a shell makes of a process that SIGINT has ended. */
  private static final int ENDED_BY_SIGINT = 130;

  private Process process;
  private BufferedReader output;

  private void start(ControlCProgram program, Backend backend) throws IOException {
    process =
        new ProcessBuilder(
                // A build in the background of a shell has SIGINT ignored, and hands that down.
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ControlCProgram.class.getName(),
                program.name(),
                backend.name())
            .redirectErrorStream(true)
            .start();
    output = process.inputReader();
  }

  private void controlC() throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  private void expect(String... lines) throws IOException {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < lines.length; i++) {
      found.add(output.readLine());
    }
    assertThat(found).containsExactlyInAnyOrder(lines);
  }

  private void expectExit(int status) throws InterruptedException {
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
  void interruptsTheRunAndAfterItTheProcessAsBefore(Backend backend) throws Exception {
    start(ControlCProgram.ONE_RUN, backend);
    expect("ready");
    controlC();
    expect("child left", "interrupted", "after the run");
    controlC();
    expectExit(ENDED_BY_SIGINT);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void interruptsAllRunsThatAskForIt(Backend backend) throws Exception {
    start(ControlCProgram.TWO_RUNS, backend);
    expect("ready", "ready");
    controlC();
    expect("child left", "interrupted", "child left", "interrupted");
    expectExit(0);
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
}
