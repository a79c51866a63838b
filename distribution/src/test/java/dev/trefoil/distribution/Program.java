package dev.trefoil.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A process of ours, with all that it prints. */
final class Program implements AutoCloseable {
  private final Process process;
  private final @Nullable Terminal terminal;
  private final BlockingQueue<String> unseen = new LinkedBlockingQueue<>();
  private final List<String> printed = new ArrayList<>();
  private final Thread reader;
  private final Set<ProcessHandle> helpers = new HashSet<>();

  private Program(Process process, @Nullable Terminal terminal) {
    this.process = process;
    this.terminal = terminal;
    this.reader = Thread.ofPlatform().daemon().start(this::read);
  }

  /**
   * Starts a program.
   *
   * @param scratch where it finds its temporary folder
   */
  static Program start(Path scratch, List<String> command) throws IOException {
    return start(scratch, Map.of(), command);
  }

  /**
   * Starts a program.
   *
   * @param scratch where it finds its temporary folder
   * @param variables what it finds in its environment
   */
  static Program start(Path scratch, Map<String, String> variables, List<String> command)
      throws IOException {
    return new Program(
        builder(scratch, variables, command).redirectErrorStream(true).start(), null);
  }

  /**
   * Starts a program on a terminal, which shows what is typed as well.
   *
   * @param scratch where it finds its temporary folder
   */
  static Program startOnTerminal(Path scratch, List<String> command) throws IOException {
    Terminal terminal = Terminal.open();
    return new Program(terminal.start(builder(scratch, Map.of(), command)), terminal);
  }

  private static ProcessBuilder builder(
      Path scratch, Map<String, String> variables, List<String> command) throws IOException {
    Files.createDirectories(scratch);
    // A build in the background of a shell has SIGINT ignored, and hands that down.
    List<String> interruptible = new ArrayList<>(List.of("env", "--default-signal=INT"));
    interruptible.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(interruptible);
    builder.environment().put("TMPDIR", scratch.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(variables);
    return builder;
  }

  private void read() {
    InputStream output = terminal == null ? process.getInputStream() : terminal.screen();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        unseen.add(line);
      }
    } catch (IOException killed) {
      // Only if the test has given up on it.
    }
  }

  /** Waits until a line is printed that matches, and returns what its first group is. */
  String awaitLine(String pattern) throws InterruptedException {
    Pattern wanted = Pattern.compile(pattern);
    while (true) {
      String line = unseen.poll(Hang.GUARD.toSeconds(), TimeUnit.SECONDS);
      assertThat(line).as("no line like '%s' after %s", pattern, printed).isNotNull();
      printed.add(line);
      Matcher matcher = wanted.matcher(line);
      if (matcher.matches()) {
        process.descendants().forEach(helpers::add);
        return matcher.groupCount() == 0 ? line : matcher.group(1);
      }
    }
  }

  /** Presses control-C like somebody who loses patience, until a line is printed that matches. */
  void pressControlCUntil(String pattern) throws Exception {
    Pattern wanted = Pattern.compile(pattern);
    long start = System.nanoTime();
    while (System.nanoTime() - start < Hang.GUARD.toNanos()) {
      pressControlC();
      String line = unseen.poll(200, TimeUnit.MILLISECONDS);
      for (; line != null; line = unseen.poll()) {
        printed.add(line);
        if (wanted.matcher(line).matches()) {
          return;
        }
      }
    }
    throw new AssertionError("no line like '" + pattern + "' after " + printed);
  }

  void type(String line) throws IOException {
    if (terminal != null) {
      terminal.type(line + "\n");
      return;
    }
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  void endInput() throws IOException {
    process.getOutputStream().close();
  }

  void pressControlC() throws IOException, InterruptedException {
    if (terminal != null) {
      terminal.pressControlC();
      return;
    }
    Process kill =
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  /** Waits for the end. */
  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(Hang.GUARD)).as("ends after %s", printed).isTrue();
    reader.join();
    unseen.drainTo(printed);
    return process.exitValue();
  }

  /** Waits for processes that clean up behind the program, such as were there whenever it spoke. */
  void awaitHelpers() throws Exception {
    for (ProcessHandle helper : helpers) {
      helper.onExit().get(Hang.GUARD.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** Everything that was printed, once it has ended. */
  List<String> printed() {
    return List.copyOf(printed);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    if (terminal != null) {
      try {
        reader.join();
      } catch (InterruptedException hurry) {
        Thread.currentThread().interrupt();
        return;
      }
      terminal.close();
    }
  }
}
