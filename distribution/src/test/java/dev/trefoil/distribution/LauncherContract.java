package dev.trefoil.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a launcher of the chat server makes of its command line and its environment. */
abstract class LauncherContract {
  /** What the JVM logs of a class that every run loads. */
  static final String FROM_ARCHIVE = "dev.trefoil.kernel.RunLoop source: shared objects file";

  @TempDir Path scratch;
  @TempDir Path elsewhere;

  /** The launcher. */
  abstract Path launcher();

  /** The archive of classes that it starts with, seen from the folder of the whole. */
  abstract Path archive();

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

  /** The option with which a JVM logs the classes that it loads, for {@link #loaded}. */
  final String logLoaded() {
    return "-Xlog:class+load:file=" + elsewhere.resolve("loaded") + ":none";
  }

  final List<String> loaded() throws IOException {
    return Files.readAllLines(elsewhere.resolve("loaded"));
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

  @Test
  void startsWithTheClassesOfTheArchive() throws Exception {
    serveAMoment(start(Map.of("JAVA_OPTS", logLoaded()), launcher(), "--port=0"));

    assertThat(loaded()).contains(FROM_ARCHIVE);
  }

  @Test
  void startsWithoutTheArchive() throws Exception {
    Files.delete(copyOfTheWhole().resolve(archive()));
    serveAMoment(start(Map.of(), copiedLauncher(), "--port=0"));
  }

  @Test
  void startsWithAnArchiveThatAnotherJvmHasMade() throws Exception {
    Path file = copyOfTheWhole().resolve(archive());
    try (RandomAccessFile archive = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] header = new byte[4096];
      archive.readFully(header);
      int maker = new String(header, StandardCharsets.ISO_8859_1).indexOf("Server VM (25");
      assertThat(maker).as("the name of the JVM in the archive").isPositive();
      archive.seek(maker);
      archive.writeBytes("Server VM (99");
    }
    serveAMoment(start(Map.of("JAVA_OPTS", logLoaded()), copiedLauncher(), "--port=0"));

    assertThat(loaded()).doesNotContain(FROM_ARCHIVE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-XX:+UseSerialGC",
        "-XX:+UseZGC",
        "-Xshare:off",
        "-XX:AOTMode=off",
        "--add-opens=java.base/java.util=ALL-UNNAMED"
      })
  void startsWithOptionsThatTheArchiveWasNotMadeWith(String option) throws Exception {
    serveAMoment(start(Map.of("JAVA_OPTS", option), launcher(), "--port=0"));
  }

  private Path copyOfTheWhole() throws IOException {
    Path whole = launcher().getParent().getParent();
    Path copy = elsewhere.resolve("a copy");
    try (Stream<Path> files = Files.walk(whole)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            copy.resolve(whole.relativize(file).toString()),
            StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    return copy;
  }

  private Path copiedLauncher() {
    return elsewhere.resolve("a copy/bin").resolve(launcher().getFileName());
  }

  private static void serveAMoment(Program started) throws Exception {
    try (Program chat = started) {
      chat.awaitLine("chat listens on .* port .*");
      chat.awaitLine("quit or control-C ends it");
      chat.type("quit");

      assertThat(chat.exitCode()).isZero();
      assertThat(chat.printed()).as("nothing about the archive").hasSize(3);
    }
  }
}
