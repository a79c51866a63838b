package dev.trefoil.tests.consumers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The primitive of a third party in {@code examples/token-bucket}, built where its author would: in a
 * folder that is not ours, by Maven, against what Trefoil releases, and with its own tests.
 */
@Timeout(300)
class ForeignProjectIT {
  @TempDir Path scratch;

  private Path project;
  private LocalRepository repository;

  @BeforeEach
  void takeTheProjectAway() throws IOException {
    project = scratch.resolve("project");
    Path original = root().resolve("examples").resolve("token-bucket");
    copy(original.resolve("src"), project.resolve("src"));
    Files.copy(original.resolve("pom.xml"), project.resolve("pom.xml"));
    repository = LocalRepository.withReleaseOf(root(), scratch.resolve("repository"));
  }

  @Test
  void isBuiltAndTestedByItself() throws Exception {
    assertThat(maven("verify"))
        .contains("BUILD SUCCESS")
        .containsPattern("Tests run: [1-9][0-9]*, Failures: 0, Errors: 0, Skipped: 0");

    Path jar = project.resolve("target").resolve("token-bucket-1.0.0.jar");
    ModuleDescriptor module =
        ModuleFinder.of(jar).find("com.example.tokenbucket").orElseThrow().descriptor();
    assertThat(module.requires())
        .extracting(ModuleDescriptor.Requires::name)
        .containsExactlyInAnyOrder("java.base", "dev.trefoil.hazmat");
    try (JarFile bundle = new JarFile(jar.toFile())) {
      assertThat(
              bundle
                  .getManifest()
                  .getMainAttributes()
                  .getValue("Import-Package")
                  .split(",(?=[a-z])"))
          .filteredOn(imported -> !imported.startsWith("java."))
          .containsExactly("dev.trefoil.hazmat;version=\"[0.1,1)\"");
    }
  }

  /** Without the network: all that it needs, the build that runs this test has needed too. */
  private String maven(String phase) throws IOException, InterruptedException {
    Path output = scratch.resolve("output");
    ProcessBuilder maven =
        new ProcessBuilder(
                Path.of(System.getProperty("trefoil.maven.home"), "bin", "mvn").toString(),
                "--offline",
                "--batch-mode",
                "-Dmaven.repo.local=" + repository.folder(),
                "-Dmaven.repo.local.tail=" + System.getProperty("trefoil.maven.repository"),
                phase)
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = maven.start();
    try {
      process.getOutputStream().close();
      assertThat(process.waitFor()).as(() -> text(output)).isZero();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return text(output);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      return unreadable.toString();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  private static Path root() {
    return Path.of(System.getProperty("trefoil.root"));
  }
}
