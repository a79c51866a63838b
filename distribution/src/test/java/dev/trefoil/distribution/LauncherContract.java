package dev.trefoil.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a launcher of the chat server makes of its command line and its environment. */
abstract class LauncherContract {
  @TempDir Path scratch;
  @TempDir Path elsewhere;

  /** The launcher. */
  abstract Path launcher();

  /** The words between the launcher and the options of the chat. */
  abstract List<String> words();

  static Path distribution(String folder) {
    return ChatProgramContract.distribution(folder);
  }

  final Program start(Map<String, String> variables, Path launcher, String... options)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(launcher.toString());
    command.addAll(words());
    command.addAll(List.of(options));
    return Program.start(scratch, variables, command);
  }

  private void assertEndsWithOneLine(Program program, int status, String... expected)
      throws Exception {
    assertThat(program.exitCode()).isEqualTo(status);
    assertThat(program.printed()).singleElement().asString().contains(expected);
  }

  @Test
  void portThatIsTakenIsReportedInOneLineAndEndsItWithStatusOne() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("localhost"));
        Program chat = start(Map.of(), launcher(), "--port", "" + taken.getLocalPort())) {
      assertEndsWithOneLine(
          chat, 1, "chat: cannot listen on localhost port " + taken.getLocalPort() + ": ");
    }
  }

  @Test
  void unknownHostIsReportedInOneLineAndEndsItWithStatusOne() throws Exception {
    try (Program chat = start(Map.of(), launcher(), "--port=0", "--host=nowhere.invalid")) {
      assertEndsWithOneLine(chat, 1, "chat: cannot listen on nowhere.invalid port 0: no such host");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--prot, 'expected --port', '--prot'",
    "--port, 'expected a value behind', '--port'",
    "--port=65536, 'expected a number from 0 to 65535', '65536'"
  })
  void wrongOptionIsReportedInOneLineWithWhatWasExpectedAndWhatCame(
      String option, String expected, String came) throws Exception {
    try (Program chat = start(Map.of(), launcher(), option)) {
      assertEndsWithOneLine(chat, 2, expected, came, "help");
    }
  }

  @Test
  void helpTellsTheDefaultsAndHowToEndIt() throws Exception {
    try (Program help = start(Map.of(), launcher(), "--help")) {
      assertThat(help.exitCode()).isZero();
      assertThat(String.join("\n", help.printed()))
          .contains(
              "--port", "default 5000", "--host", "localhost", "quit", "control-C", "JAVA_OPTS");
    }
  }

  @Test
  void worksThroughLinksToIt() throws Exception {
    Path folder = Files.createDirectory(elsewhere.resolve("with space"));
    Path absolute = Files.createSymbolicLink(folder.resolve("absolute"), launcher());
    Path relative =
        Files.createSymbolicLink(elsewhere.resolve("relative"), elsewhere.relativize(absolute));
    try (Program chat = start(Map.of(), relative, "--port=0")) {
      chat.awaitLine("chat listens on .*");
      chat.type("quit");
      assertThat(chat.exitCode()).isZero();
    } finally {
      Files.delete(relative);
      Files.delete(absolute);
    }
  }

  @Test
  void optionsForTheJvmReachItAndSwitchTheMonitorOn() throws Exception {
    Map<String, String> variables = Map.of("JAVA_OPTS", "-Dunused=* -Dtrefoil.monitor=0");
    try (Program chat = start(variables, launcher(), "--port=0")) {
      String announced = chat.awaitLine(".*The monitor of run-\\d+ listens: nc (.*)");
      String[] words = announced.split("[ ,]+");
      String token = words[words.length - 1];
      try (Socket monitor = new Socket(words[0], Integer.parseInt(words[1]))) {
        monitor.setSoTimeout((int) Hang.GUARD.toMillis());
        monitor
            .getOutputStream()
            .write((token + "\nps\nwhere 1\nexit\n").getBytes(StandardCharsets.UTF_8));

        String answers =
            new String(monitor.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(answers)
            .containsPattern("1 +- .* main")
            .contains("dev.trefoil.examples.chat.ChatServer.serve(");
      }
    }
  }
}
