import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets the chat server of the distribution, or of the image, serve for a moment, and archives the
 * classes that this took, loaded and linked, where the launchers and the JVM look for them.
 *
 * <p>Usage: {@code java StartUpArchives.java felix|image <folder>}.
 */
class StartUpArchives {
  private static final long PATIENCE_SECONDS = 300;
  private static final Pattern LISTENS = Pattern.compile("chat listens on .* port (\\d+)");
  private static final String READY = "quit or control-C ends it";

  private StartUpArchives() {}

  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[1]).toRealPath();
    switch (args[0]) {
      case "felix" -> archiveFelix(home);
      case "image" -> archiveImage(home);
      default -> throw new IllegalArgumentException("expected felix or image, got " + args[0]);
    }
  }

  private static void archiveFelix(Path home) throws Exception {
    Path lib = home.resolve("lib");
    String archive = "felix.aot";
    Files.deleteIfExists(lib.resolve(archive));
    ProcessBuilder chat = chat(home.resolve("bin/trefoil"), "run", "chat");
    // Named without the folder, which may have blanks in its name.
    serve(chat.directory(lib.toFile()), "-XX:AOTCacheOutput=" + archive);
    if (!Files.exists(lib.resolve(archive))) {
      throw new IllegalStateException("The JVM has made no " + lib.resolve(archive) + ".");
    }
  }

  private static void archiveImage(Path home) throws Exception {
    Path scratch = Files.createTempDirectory("trefoil-archive");
    Path served = scratch.resolve("served");
    Path all = scratch.resolve("all");
    try {
      ProcessBuilder chat = chat(home.resolve("bin/chat"));
      serve(
          chat.directory(scratch.toFile()),
          "-Xshare:off -XX:DumpLoadedClassList=" + served.getFileName());
      Set<String> classes = new LinkedHashSet<>(classes(home.resolve("lib/classlist")));
      classes.addAll(classes(served));
      Files.write(all, classes);
      run(
          new ProcessBuilder(
              home.resolve("bin/java").toString(),
              "-Xshare:dump",
              "-XX:+AOTClassLinking",
              "-XX:SharedClassListFile=" + all));
    } finally {
      Files.deleteIfExists(served);
      Files.deleteIfExists(all);
      Files.delete(scratch);
    }
  }

  /** The lines of a list of classes, without the numbers, which differ from list to list. */
  private static List<String> classes(Path list) throws IOException {
    try (var lines = Files.lines(list)) {
      return lines
          .filter(line -> !line.startsWith("#") && !line.contains(" source: "))
          .map(line -> line.replaceFirst(" id: \\d+$", ""))
          .toList();
    }
  }

  private static ProcessBuilder chat(Path launcher, String... words) {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(words));
    command.addAll(List.of("--port", "0"));
    return new ProcessBuilder(command);
  }

  private static void serve(ProcessBuilder chat, String options) throws Exception {
    chat.environment().put("JAVA_HOME", System.getProperty("java.home"));
    chat.environment().put("JAVA_OPTS", options);
    Process process = chat.redirectErrorStream(true).start();
    List<String> printed = new ArrayList<>();
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        OutputStream input = process.getOutputStream()) {
      int port = Integer.parseInt(await(LISTENS, output, printed).group(1));
      await(Pattern.compile(READY), output, printed);
      talk(port);
      input.write("quit\n".getBytes(StandardCharsets.UTF_8));
      input.flush();
      output.lines().forEach(printed::add);
      checkEnd(process, chat, printed);
    } finally {
      process.destroyForcibly();
    }
  }

  private static Matcher await(Pattern line, BufferedReader output, List<String> printed)
      throws IOException {
    for (String next = output.readLine(); next != null; next = output.readLine()) {
      printed.add(next);
      Matcher matcher = line.matcher(next);
      if (matcher.matches()) {
        return matcher;
      }
    }
    throw new IllegalStateException("Expected a line like '" + line + "', got " + printed);
  }

  private static void talk(int port) throws IOException {
    try (Socket ada = new Socket(InetAddress.getLoopbackAddress(), port);
        Socket bob = new Socket(InetAddress.getLoopbackAddress(), port)) {
      BufferedReader toAda = hearing(ada);
      BufferedReader toBob = hearing(bob);
      say(ada, "ada");
      hear(toAda, "* welcome, ada");
      say(bob, "bob");
      hear(toBob, "* welcome, bob");
      say(ada, "how are you?");
      hear(toBob, "ada: how are you?");
    }
  }

  private static BufferedReader hearing(Socket socket) throws IOException {
    socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  private static void say(Socket socket, String line) throws IOException {
    socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static void hear(BufferedReader connection, String beginning) throws IOException {
    await(Pattern.compile(Pattern.quote(beginning) + ".*"), connection, new ArrayList<>());
  }

  private static void run(ProcessBuilder builder) throws Exception {
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    try (InputStream output = process.getInputStream()) {
      String printed = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      checkEnd(process, builder, List.of(printed));
    } finally {
      process.destroyForcibly();
    }
  }

  private static void checkEnd(Process process, ProcessBuilder builder, List<String> printed)
      throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IllegalStateException(
          "Expected status 0 of " + builder.command() + ", got:\n" + String.join("\n", printed));
    }
  }
}
