package dev.trefoil.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program in the README, run as a newcomer would: a plain JVM without any flag. */
class ReadmeIT {
  private static final Pattern PROGRAM_AND_OUTPUT =
      Pattern.compile("```java\\n(.*?)```\\s+```\\n(.*?)```", Pattern.DOTALL);

  @Test
  @Timeout(60)
  void itsProgramPrintsWhatItSaysAndNothingElse(@TempDir Path folder) throws Exception {
    Matcher readme = PROGRAM_AND_OUTPUT.matcher(Files.readString(root().resolve("README.md")));
    assertThat(readme.find()).as("a program followed by its output").isTrue();
    Path program = Files.writeString(folder.resolve("Hello.java"), readme.group(1));

    assertThat(outputOf(program)).isEqualTo(readme.group(2));
  }

  private static String outputOf(Path program) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String bundles = System.getProperty("trefoil.bundles") + "/*";
    Process process =
        new ProcessBuilder(java, "-cp", bundles, program.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private static Path root() {
    return Path.of(System.getProperty("trefoil.root"));
  }
}
