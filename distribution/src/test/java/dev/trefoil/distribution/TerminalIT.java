package dev.trefoil.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.distribution.stubborn.Stubborn;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Control-C as it is typed, at a terminal, in front of whatever runs there. */
final class TerminalIT {
  private static final int ENDED_BY_CONTROL_C = 130;

  /** What the terminal shows of a control-C, which may come before what is printed next. */
  private static final String ECHO = "(\\^C)*";

  @TempDir Path scratch;
  private Program program;

  /** What can be started from a command line. */
  enum Runtime {
    FELIX(List.of(), launcher("trefoil-felix/bin/trefoil"), List.of("run", "chat")),

    IMAGE(
        List.of(
            launcher("trefoil-image/bin/java"),
            "-cp",
            ChatProgramContract.distribution("test-classes").toString()),
        launcher("trefoil-image/bin/chat"),
        List.of()),

    PLAIN_JVM(
        List.of(
            java(),
            "-p",
            ChatProgramContract.distribution("modules").toString(),
            "--add-modules=dev.trefoil.tasks,dev.trefoil.kernel",
            "-cp",
            ChatProgramContract.distribution("test-classes").toString()),
        java(),
        List.of(
            "-p",
            ChatProgramContract.distribution("modules").toString(),
            "-m",
            "dev.trefoil.examples.chat/dev.trefoil.examples.chat.ChatMain"));

    /** Starts a class of the tests that is named next. */
    private final List<String> javaCommand;

    private final List<String> chatCommand;

    Runtime(List<String> javaCommand, String launcher, List<String> words) {
      this.javaCommand = javaCommand;
      this.chatCommand =
          Stream.of(List.of(launcher), words, List.of("--port=0")).flatMap(List::stream).toList();
    }

    private static String launcher(String path) {
      return ChatProgramContract.distribution(path).toString();
    }

    private static String java() {
      return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    List<String> stubborn(String farewell) {
      return Stream.concat(javaCommand.stream(), Stream.of(Stubborn.class.getName(), farewell))
          .toList();
    }
  }

  private void start(List<String> command) throws Exception {
    program = Program.startOnTerminal(scratch, command);
  }

  /** The shell of the Felix distribution, with commands that are slow to end. */
  private void startShell() throws Exception {
    start(List.of(Runtime.launcher("trefoil-felix/bin/trefoil")));
    program.awaitLine(".*Trefoil on Apache Felix.*");
    program.type("install " + UserBundle.STUBBORN.jar().toUri());
    String id = program.awaitLine(".*Bundle ID: (\\d+)");
    program.type("start " + id);
  }

  @AfterEach
  void killWhatIsLeft() {
    program.close();
  }

  @ParameterizedTest
  @EnumSource
  void controlCEndsTheChatAndTheProcessWithOneLine(Runtime runtime) throws Exception {
    start(runtime.chatCommand);
    int port = Integer.parseInt(program.awaitLine(".*chat listens on .* port (\\d+)"));
    program.awaitLine("quit or control-C ends it");

    program.pressControlC();

    assertThat(program.exitCode()).isEqualTo(ENDED_BY_CONTROL_C);
    assertThat(program.printed().subList(2, program.printed().size()))
        .singleElement()
        .asString()
        .matches(ECHO + "chat is closed");
    assertThatThrownBy(() -> ChatPeer.join(port, "late")).isInstanceOf(ConnectException.class);
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FELIX")
  void secondControlCForcesTheEndOfAProgramAndSaysWhoRefuses(Runtime runtime) throws Exception {
    start(runtime.stubborn("PT24H"));
    program.awaitLine("begins");

    program.pressControlCUntil(ECHO + "Control-C again: run-1 has not ended .*");

    program.awaitLine(".*#\\d+ dawdler \\[TIME_SLEEP]");
    program.awaitLine(".* at .*Stubborn.dawdle.*");
    assertThat(program.exitCode()).isEqualTo(ENDED_BY_CONTROL_C);
    assertThat(program.printed()).contains("hook").doesNotContain("ends", "interrupted");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FELIX")
  void controlCPressedTwiceInAHurryIsOne(Runtime runtime) throws Exception {
    start(runtime.stubborn("PT0.3S"));
    program.awaitLine("begins");

    program.pressControlC();
    program.pressControlC();

    assertThat(program.exitCode()).isZero();
    assertThat(program.printed().subList(1, program.printed().size()))
        .satisfiesExactly(
            line -> assertThat(line).matches(ECHO + "ends"),
            line -> assertThat(line).isEqualTo("interrupted"),
            line -> assertThat(line).isEqualTo("hook"));
  }

  @Test
  void controlCBreaksTheCommandThatRunsInTheShellAndNotTheFramework() throws Exception {
    startShell();
    program.type("stubborn:dawdle");
    program.awaitLine(".*begins");

    program.pressControlC();

    program.awaitLine(ECHO + "ends");
    program.awaitLine("interrupted");
    program.type("chat:serve 0");
    int port = Integer.parseInt(program.awaitLine(".*chat listens on .* port (\\d+)"));
    program.awaitLine("control-C ends it");
    try (ChatPeer ada = ChatPeer.join(port, "ada")) {
      program.pressControlC();
      assertThat(ada.hear()).isEqualTo("* the chat closes");
    }
    program.awaitLine(ECHO + "chat is closed");
    program.type("lb -s");
    program.awaitLine(".*Active.*dev.trefoil.kernel.*");
    program.type("quit");
    assertThat(program.exitCode()).isZero();
    assertNothingIsLeft();
  }

  @Test
  void secondControlCForcesTheEndOfTheShellIfItsCommandRefuses() throws Exception {
    startShell();
    program.type("stubborn:refuse");
    program.awaitLine(".*begins");

    program.pressControlCUntil(ECHO + "Control-C again: .*");

    program.awaitLine(".*#\\d+ dawdler \\[TIME_SLEEP]");
    assertThat(program.exitCode()).isEqualTo(ENDED_BY_CONTROL_C);
    assertNothingIsLeft();
  }

  @Test
  void controlCAtThePromptEndsTheFramework() throws Exception {
    startShell();
    program.type("lb -s");
    program.awaitLine(".*Active.*dev.trefoil.distribution.stubborn.*");

    program.pressControlC();

    assertThat(program.exitCode()).isEqualTo(ENDED_BY_CONTROL_C);
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() throws Exception {
    program.awaitHelpers();
    try (Stream<Path> left = Files.list(scratch)) {
      assertThat(left).as("temporary files").isEmpty();
    }
  }
}
