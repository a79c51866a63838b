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
  Path archive() {
    return Path.of("lib/felix.aot");
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

  @Test
  void shellReplacesModuleAndBundlesThatUseItHaveTheLaterBuild() throws Exception {
    Path later =
        LaterBuild.of("0.2.0", "0.2.0", Files.createDirectories(scratch).resolve("later.jar"));
    try (Program shell = shell(launcher())) {
      shell.awaitLine("Trefoil on Apache Felix.*");
      shell.type("install " + UserBundle.COUNTER.jar().toUri());
      String counter = shell.awaitLine(".*Bundle ID: (\\d+)");
      shell.type("install " + UserBundle.POSTBOX.jar().toUri());
      String postbox = shell.awaitLine(".*Bundle ID: (\\d+)");
      shell.type("start " + counter + " " + postbox);
      shell.awaitLine(".*guest: get begins");
      shell.type("inspect cap osgi.wiring.package dev.trefoil.queues");
      shell.awaitLine(".*dev.trefoil.queues 0.1.0 required by:");
      shell.awaitLine(" *dev.trefoil.distribution.postbox \\[" + postbox + "\\]");

      shell.type("update dev.trefoil.queues " + later.toUri());
      shell.type("refresh dev.trefoil.queues");

      shell.awaitLine(".*guest: get ends");
      shell.awaitLine(".*guest: get begins");
      shell.type("inspect req osgi.wiring.package " + postbox);
      shell.awaitLine(".*dev.trefoil.queues 0.2.0 from dev.trefoil.queues.*");
      shell.type("lb -s");
      shell.awaitLine(".*Active.*dev.trefoil.queues \\(0.2.0\\).*");
      shell.awaitLine(".*Active.*dev.trefoil.distribution.counter.*");
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
