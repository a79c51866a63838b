import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks the layout of every Java source below a folder, or puts it right.
 *
 * <p>Usage: {@code java FormatSources.java <folder> <fix: true or false>}. Generated sources are
 * left alone, since they are in folders named {@code target}. Javadoc is left as it was written.
 *
 * <p>A program, and not the formatter's own command, because one JVM for the whole tree is quicker
 * than one for each module, and because its message can name the cure.
 */
class FormatSources {

  private enum Verdict {
    FORMATTED,
    NOT_FORMATTED,
    NOT_JAVA
  }

  private record Finding(Path file, Verdict verdict, String detail) {}

  private final Formatter formatter =
      new Formatter(
          JavaFormatterOptions.builder().style(Style.GOOGLE).formatJavadoc(false).build());
  private final boolean fix;

  private FormatSources(boolean fix) {
    this.fix = fix;
  }

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]).toRealPath();
    boolean fix = Boolean.parseBoolean(args[1]);
    FormatSources format = new FormatSources(fix);
    List<Finding> findings =
        sources(root).parallelStream()
            .map(format::visit)
            .filter(finding -> finding.verdict() != Verdict.FORMATTED)
            .toList();
    for (Finding finding : findings) {
      Path file = root.relativize(finding.file());
      switch (finding.verdict()) {
        case NOT_JAVA -> System.err.println(file + " cannot be parsed: " + finding.detail());
        case NOT_FORMATTED ->
            System.err.println(file + (fix ? ": put right" : " is not formatted"));
        case FORMATTED -> {}
      }
    }
    boolean broken = findings.stream().anyMatch(finding -> finding.verdict() == Verdict.NOT_JAVA);
    if (broken || !fix && !findings.isEmpty()) {
      System.err.println("Put the layout right with: ./mvnw verify -pl format -Dfix");
      System.exit(1);
    }
  }

  private Finding visit(Path file) {
    try {
      String before = Files.readString(file);
      String after = formatter.formatSourceAndFixImports(before);
      if (before.equals(after)) {
        return new Finding(file, Verdict.FORMATTED, "");
      }
      if (fix) {
        Files.writeString(file, after);
      }
      return new Finding(file, Verdict.NOT_FORMATTED, "");
    } catch (FormatterException | IOException e) {
      return new Finding(file, Verdict.NOT_JAVA, String.valueOf(e.getMessage()));
    }
  }

  private static List<Path> sources(Path root) throws IOException {
    List<Path> sources = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            String name = directory.getFileName().toString();
            boolean foreign =
                !directory.equals(root) && (name.startsWith(".") || name.equals("target"));
            return foreign ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              sources.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    sources.sort(null);
    return sources;
  }
}
