package dev.trefoil.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The launcher in the Felix distribution. */
class FelixLauncherIT extends LauncherContract {
  @Override
  Path launcher() {
    return distribution("trefoil-felix/bin/trefoil");
  }

  @Override
  List<String> words() {
    return List.of("run", "chat");
  }

  private Program shell(Path launcher) throws IOException {
    return Program.start(scratch, Map.of(), List.of(launcher.toString()));
  }

  @Test
  void shellListsTheBundlesAndEndsOnQuitWithoutFurtherWords() throws Exception {
    try (Program shell = shell(launcher())) {
      shell.awaitLine("Trefoil on Apache Felix.*");
      shell.type("lb -s");
      shell.awaitLine(".*Active.*dev.trefoil.kernel.*");
      shell.awaitLine(".*Active.*dev.trefoil.examples.chat.*");
      shell.type("quit");

      assertThat(shell.exitCode()).isZero();
      assertThat(shell.printed()).noneMatch(line -> line.matches(".*(gosh|gogo):.*"));
    }
  }

  @Test
  void shellEndsWithItsInput() throws Exception {
    try (Program shell = shell(launcher())) {
      shell.endInput();

      assertThat(shell.exitCode()).isZero();
      assertThat(shell.printed()).noneMatch(line -> line.matches(".*(gosh|gogo):.*"));
    }
  }

  @Test
  void folderMayBeAnywhere() throws Exception {
    Path copy = elsewhere.resolve("it's a folder");
    copy(distribution("trefoil-felix"), copy);
    try (Program shell = shell(copy.resolve("bin/trefoil"))) {
      shell.type("lb -s");
      shell.awaitLine(".*Active.*dev.trefoil.kernel.*");
      shell.type("quit");

      assertThat(shell.exitCode()).isZero();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  @Test
  void hintNamesTheCommandAsItWasTyped() throws Exception {
    Path root = Path.of(System.getProperty("trefoil.root"));
    for (Path command : List.of(launcher(), root.resolve("trefoil"))) {
      List<String> wrong = List.of(command.toString(), "rum");
      try (Program trefoil = Program.start(scratch, Map.of(), wrong)) {
        assertThat(trefoil.exitCode()).isEqualTo(2);
        assertThat(trefoil.printed())
            .singleElement()
            .asString()
            .contains("run", "got 'rum'", "see '" + command + " help'");
      }
    }
  }
}
