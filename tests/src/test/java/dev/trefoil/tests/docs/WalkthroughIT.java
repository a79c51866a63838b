package dev.trefoil.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The guide that walks through the token bucket shows the code that is built and tested, all of it and
 * in its order. Its fragments bear the name of the file.
 */
class WalkthroughIT {
  private static final Pattern FRAGMENT =
      Pattern.compile(
          "^```java TokenBucket\\.java\\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern JAVADOC = Pattern.compile("/\\*\\*.*?\\*/", Pattern.DOTALL);

  @Test
  void guideShowsTheWholeTokenBucketAsItIs() throws IOException {
    String guide = Files.readString(root().resolve("docs").resolve("primitives.md"));
    String shown =
        FRAGMENT
            .matcher(guide)
            .results()
            .map(MatchResult::group)
            .map(fragment -> fragment.replaceAll("(?m)^```.*$", ""))
            .collect(Collectors.joining());
    assertThat(lines(shown)).isEqualTo(tokenBucket());
  }

  @Test
  void tokenBucketIsSomeFiftyLines() throws IOException {
    assertThat(tokenBucket()).hasSizeBetween(40, 60);
  }

  /** Without what the guide leaves out. */
  private static List<String> tokenBucket() throws IOException {
    Path file =
        root()
            .resolve("examples/token-bucket/src/main/java/com/example/tokenbucket")
            .resolve("TokenBucket.java");
    String source = JAVADOC.matcher(Files.readString(file)).replaceAll("");
    return lines(source.replaceAll("(?m)^(package|import) .*$", ""));
  }

  private static List<String> lines(String code) {
    return code.lines().filter(line -> !line.isBlank()).toList();
  }

  private static Path root() {
    return Path.of(System.getProperty("trefoil.root"));
  }
}
