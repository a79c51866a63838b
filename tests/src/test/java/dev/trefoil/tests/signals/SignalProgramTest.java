package dev.trefoil.tests.signals;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Signals whose usual effect is the end of the process, in processes of their own. */
@Timeout(
    value = 60,
    threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a read cannot be interrupted
final class SignalProgramTest {
  /** What a shell adds to the number of the signal that has ended a process, and the JVM as well. */
  private static final int ENDED_BY = 128;

  private static final int HUP = 1;
  private static final int USR1 = 10;
  private static final int TERM = 15;

  private static final String DEFAULT_HANDLING = "--default-signal";
  private static final List<String> NATIVE_ACCESS = List.of("--enable-native-access=ALL-UNNAMED");

  private Process process;
  private BufferedReader output;

  /**
   * With how {@code env} sets the signal's handling, as it is inherited from who starts a process; this
   * build may run with some of the others ignored.
   */
  private void start(
      SignalProgram program,
      Backend backend,
      String signal,
      String handling,
      List<String> flags,
      Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            "env",
            DEFAULT_HANDLING,
            handling + "=" + signal,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED"));
    command.addAll(flags);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            SignalProgram.class.getName(),
            program.name(),
            backend.name(),
            signal));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    process = builder.start();
    output = process.inputReader();
  }

  private void startReady(SignalProgram program, Backend backend, String signal)
      throws IOException {
    start(program, backend, signal, DEFAULT_HANDLING, NATIVE_ACCESS, Map.of());
    expect("ready");
  }

  private void send(String signal, String... answers) throws Exception {
    Kill.process(process.pid(), signal);
    expect(answers);
  }

  private void expect(String... lines) throws IOException {
    for (String line : lines) {
      assertThat(output.readLine()).isEqualTo(line);
    }
  }

  private void expectEnd(int status) throws Exception {
    assertThat(output.readLine()).isNull();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(status);
  }

  private void sendUnread(String signal, String... effects) throws Exception {
    send(signal, "arrived SIG%1$s at SignalReceiver[SIG%1$s]".formatted(signal));
    expect(effects);
  }

  private void sendToServerUntilItLeaves(String signal) throws Exception {
    send(signal, "reload");
    send("TERM", "left");
  }

  /** When the program leaves, the signal has long been taken, which nothing else would show. */
  private void sendIgnoredAndLeave(String signal) throws Exception {
    send(signal);
    for (int i = 0; i < 5; i++) {
      send("WINCH", "counted");
    }
    send("HUP", "left");
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("R180")
  @Tag("R181")
  void takesSignalsWhileItIsOpenAndAfterwardsTheyEndTheProcess(Backend backend) throws Exception {
    startReady(SignalProgram.SERVER, backend, "HUP");
    send("HUP", "reload");
    sendToServerUntilItLeaves("HUP");
    send("HUP");
    expectEnd(ENDED_BY + HUP);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("R182")
  void singleWaitTakesOneSignalAndTheNextEndsTheProcess(Backend backend) throws Exception {
    startReady(SignalProgram.ONE_WAIT, backend, "TERM");
    send("TERM", "got SIGTERM");
    send("TERM");
    expectEnd(ENDED_BY + TERM);
  }

  @ParameterizedTest
  @CsvSource({"USR1, 10", "TERM, 15"})
  @Tag("R194")
  void handlerThatCallsTheOneBeforeReachesTheSystemsOrTheJvms(String signal, int number)
      throws Exception {
    startReady(SignalProgram.CHAINING, Backend.AUTO, signal);
    send(signal, "own handler");
    expectEnd(ENDED_BY + number);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("R20")
  @Tag("R194")
  void handlerThatCallsTheOneBeforeReachesARunThatTakesControlC(Backend backend) throws Exception {
    startReady(SignalProgram.CHAINING, backend, "INT");
    send("INT", "own handler", "interrupted");
    expectEnd(0);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("T52")
  void unreadSignalEndsTheProcessAsTheJvmDoes(Backend backend) throws Exception {
    startReady(SignalProgram.UNREAD, backend, "TERM");
    sendUnread("TERM");
    // The JVM ends beside the task, which may come to say that it is still there.
    output.readLine();
    expectEnd(ENDED_BY + TERM);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("T52")
  void unreadSignalThatTheJvmDoesNotHandleHasTheEffectThatTheSystemGivesIt(Backend backend)
      throws Exception {
    startReady(SignalProgram.UNREAD, backend, "USR1");
    sendUnread("USR1");
    expectEnd(ENDED_BY + USR1);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("T52")
  void unreadSignalWithoutEffectHasNone(Backend backend) throws Exception {
    startReady(SignalProgram.UNREAD, backend, "WINCH");
    sendUnread("WINCH", "still there");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("R20")
  @Tag("T52")
  void unreadControlCInterruptsTheRun(Backend backend) throws Exception {
    startReady(SignalProgram.UNREAD, backend, "INT");
    sendUnread("INT", "still there", "interrupted");
    expectEnd(0);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("R20")
  @Tag("R180")
  void openSetTakesControlCAndAfterwardsItInterruptsTheRunAgain(Backend backend) throws Exception {
    startReady(SignalProgram.SERVER, backend, "INT");
    sendToServerUntilItLeaves("INT");
    send("INT", "interrupted");
    expectEnd(0);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("R20")
  @Tag("R180")
  void afterAnOpenSetControlCGoesToAProgramThatHandlesItByItself(Backend backend) throws Exception {
    startReady(SignalProgram.SERVER_WITH_HANDLER, backend, "INT");
    sendToServerUntilItLeaves("INT");
    send("INT", "own handler");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("T52")
  void unreadSignalThatTheJvmDoesNotHandleIsAnErrorWhereNativeAccessIsDenied(Backend backend)
      throws Exception {
    start(
        SignalProgram.UNREAD,
        backend,
        "USR1",
        DEFAULT_HANDLING,
        List.of("--illegal-native-access=deny"),
        Map.of());
    expect("ready");
    sendUnread("USR1");
    assertThat(output.readLine()).contains("IllegalCallerException", "native access");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("R20")
  @Tag("R183")
  void ignoredControlCDoesNotInterruptTheRun(Backend backend) throws Exception {
    startReady(SignalProgram.IGNORING, backend, "INT");
    sendIgnoredAndLeave("INT");
    send("INT", "interrupted");
    expectEnd(0);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("R183")
  void ignoredSignalEndsTheProcessAgainAfterwards(Backend backend) throws Exception {
    startReady(SignalProgram.IGNORING, backend, "TERM");
    sendIgnoredAndLeave("TERM");
    send("TERM");
    expectEnd(ENDED_BY + TERM);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("R180")
  void withXrsTheSignalsThatEndAProcessAreRefused(Backend backend) throws Exception {
    start(SignalProgram.OPENING, backend, "TERM", DEFAULT_HANDLING, List.of("-Xrs"), Map.of());
    assertThat(output.readLine()).contains("SIGTERM", "held by", "-Xrs");
    expectEnd(0);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("R180")
  void signalThatTheJvmSuspendsThreadsWithIsFreeIfItIsGivenAnother(Backend backend)
      throws Exception {
    start(
        SignalProgram.OPENING,
        backend,
        "USR2",
        DEFAULT_HANDLING,
        NATIVE_ACCESS,
        Map.of("_JAVA_SR_SIGNUM", "16"));
    expect("opened SignalSet[SIGUSR2]");
    send("USR2", "got SIGUSR2");
    expectEnd(0);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  @Tag("R180")
  void signalThatTheProcessWasStartedWithAsIgnoredStaysIgnored(Backend backend) throws Exception {
    start(SignalProgram.SERVER, backend, "HUP", "--ignore-signal", NATIVE_ACCESS, Map.of());
    expect("ready");
    send("HUP");
    send("TERM", "left");
    send("HUP");
    send("TERM");
    expectEnd(ENDED_BY + TERM);
  }
}
