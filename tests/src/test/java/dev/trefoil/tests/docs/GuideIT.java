package dev.trefoil.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The Java in the guides compiles. A fragment is either members of a class or statements of a
 * method; what it takes for granted is in {@link Names}.
 */
class GuideIT {
  private static final Pattern FRAGMENT =
      Pattern.compile("^```java\\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);

  private static final Pattern IMPORT = Pattern.compile("^import .*;", Pattern.MULTILINE);

  private static final String IMPORTS =
      Stream.of(
                  "dev.trefoil.hazmat",
                  "dev.trefoil.jfr",
                  "dev.trefoil.queues",
                  "dev.trefoil.signals",
                  "dev.trefoil.sync",
                  "dev.trefoil.tasks",
                  "dev.trefoil.tasks.monitor",
                  "dev.trefoil.testing",
                  "dev.trefoil.threads",
                  "dev.trefoil.threads.io",
                  "java.io",
                  "java.net",
                  "java.nio",
                  "java.nio.channels",
                  "java.nio.file",
                  "java.time",
                  "java.util",
                  "java.util.concurrent",
                  "java.util.concurrent.atomic",
                  "java.util.stream")
              .map("import %s.*; "::formatted)
              .collect(Collectors.joining())
          + "import java.awt.EventQueue; import java.awt.Image; import dev.trefoil.queues.Queue;"
          + " import dev.trefoil.queues.PriorityQueue; import dev.trefoil.sync.Semaphore;"
          + " import static dev.trefoil.queues.Select.*;"
          + " import static org.junit.jupiter.api.Assertions.*; ";

  @TempDir Path classes;

  /** With the place where a failure is to be looked for. */
  record Fragment(String place, String code) {
    @Override
    public String toString() {
      return place;
    }
  }

  static List<Fragment> fragments() throws IOException {
    List<Fragment> fragments = new ArrayList<>();
    try (Stream<Path> files = Files.list(root().resolve("docs"))) {
      for (Path file : files.filter(file -> file.toString().endsWith(".md")).sorted().toList()) {
        String text = Files.readString(file);
        Matcher matcher = FRAGMENT.matcher(text);
        while (matcher.find()) {
          long line = text.substring(0, matcher.start(1)).lines().count() + 1;
          fragments.add(new Fragment(file.getFileName() + ":" + line, matcher.group(1)));
        }
      }
    }
    return fragments;
  }

  @ParameterizedTest
  @MethodSource("fragments")
  void fragmentCompiles(Fragment fragment) {
    String imports = IMPORTS + imports(fragment.code());
    String code = IMPORT.matcher(fragment.code()).replaceAll("");
    String members = imports + "class Example extends Names {\n" + code + "\n}";
    String statements =
        imports
            + "class Example extends Names { void statements() throws Exception {\n"
            + code
            + "\n}}";
    List<String> asMembers = errors(members);
    if (!asMembers.isEmpty()) {
      List<String> asStatements = errors(statements);
      assertThat(asStatements)
          .as("errors of %s as statements; as members of a class: %s", fragment, asMembers)
          .isEmpty();
    }
  }

  private static String imports(String code) {
    return IMPORT.matcher(code).results().map(MatchResult::group).collect(Collectors.joining());
  }

  @Test
  void whatDoesNotCompileIsFound() {
    assertThat(errors("class Example extends Names { void unknown() { download(nowhere); } }"))
        .singleElement()
        .asString()
        .contains("nowhere");
  }

  /** With the number of the line in the fragment. */
  private List<String> errors(String source) {
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    List<String> options =
        List.of(
            "-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
    javac.getTask(null, null, found, options, null, List.of(new SourceText(source))).call();
    return found.getDiagnostics().stream()
        .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
        .map(error -> "line " + (error.getLineNumber() - 1) + ": " + error.getMessage(Locale.ROOT))
        .toList();
  }

  private static final class SourceText extends SimpleJavaFileObject {
    private final String source;

    SourceText(String source) {
      super(URI.create("string:///Example.java"), Kind.SOURCE);
      this.source = "package dev.trefoil.tests.docs; " + source;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return source;
    }
  }

  private static Path root() {
    return Path.of(System.getProperty("trefoil.root"));
  }
}
