package dev.trefoil.threads;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How to start another JVM like this one: with its launcher, class path, modules and flags, save for those
 * flags that are about one process only.
 */
final class WorkerCommand {
  /** Where the launcher and the JVM look for more flags. Those in here are carried over with the rest. */
  private static final List<String> VARIABLES =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  /** How flags begin that stay here. */
  private static final List<String> NOT_CARRIED_OVER =
      List.of(
          // Given anew.
          "-cp",
          "-classpath",
          "--class-path",
          "-Djava.class.path=",
          "-p=",
          "--module-path",
          // Agents listen on ports and write files; a debugger may stop the process before it
          // begins.
          "-agentlib:",
          "-agentpath:",
          "-javaagent:",
          "-Xrun",
          "-Xdebug",
          "-Dcom.sun.management.",
          "-XX:+ManagementServer",
          "-XX:StartFlightRecording",
          "-XX:FlightRecorderOptions",
          "-XX:+FlightRecorder",
          // What is printed or written about one process.
          "-Xlog",
          "-verbose",
          "--show",
          "-XX:LogFile",
          "-XX:+LogVMOutput",
          "-XX:+LogCompilation",
          "-XX:+DisplayVMOutputToStdout",
          "-XX:-DisplayVMOutputToStderr",
          // Archives that are written when the process ends.
          "-Xshare:dump",
          "-XX:ArchiveClassesAtExit",
          "-XX:+AutoCreateSharedArchive",
          "-XX:DumpLoadedClassList",
          "-XX:AOTMode",
          "-XX:AOTConfiguration",
          "-XX:AOTCacheOutput",
          // Memory that is taken whether it is needed or not.
          "-Xms",
          "-XX:InitialHeapSize",
          "-XX:InitialRAMPercentage",
          "-XX:MinHeapSize",
          "-XX:+AlwaysPreTouch");

  /**
   * The JVM prints to standard output by itself, unless told otherwise. An archive of classes was made
   * for another program than a worker's, so nobody needs to hear that it is not used.
   */
  private static final List<String> QUIET =
      List.of(
          "-XX:+DisplayVMOutputToStderr",
          "-Xlog:disable",
          "-Xlog:all=warning,aot*=off,cds*=off:stderr");

  /** Flags of the launcher whose value is the next word. */
  private static final Set<String> WITH_VALUE =
      Set.of(
          "-cp",
          "-classpath",
          "--class-path",
          "-p",
          "--module-path",
          "--upgrade-module-path",
          "--add-modules",
          "--limit-modules",
          "--add-exports",
          "--add-opens",
          "--add-reads",
          "--patch-module",
          "--enable-native-access");

  /** Flags of the launcher behind which the program comes. */
  private static final Set<String> PROGRAM = Set.of("-m", "--module", "-jar");

  private WorkerCommand() {}

  /**
   * Refuses code that another JVM would not find.
   *
   * @throws IllegalStateException if Trefoil itself is not on the class path or module path
   * @throws IllegalArgumentException if the body is not
   */
  static void requireReach(Object body) {
    if (!isWithinReach(WorkerMain.class)) {
      throw new IllegalStateException(
          "Expected dev.trefoil.threads to be on the class path or the module path of this process,"
              + " since a worker process sees nothing else, but it was loaded by "
              + describeLoader(WorkerMain.class)
              + ". In an OSGi container, or where else modules come and go, use"
              + " ToThread.runInThread.");
    }
    if (!isWithinReach(body.getClass())) {
      throw new IllegalArgumentException(
          "body: expected one from the class path or the module path of this process, since a"
              + " worker process sees nothing else, but "
              + body.getClass().getName()
              + " was loaded by "
              + describeLoader(body.getClass())
              + ". Move what is to run there to the class path, or use ToThread.runInThread.");
    }
  }

  private static boolean isWithinReach(Class<?> type) {
    ModuleLayer layer = type.getModule().getLayer();
    ClassLoader loader = type.getClassLoader();
    return layer == null
        ? loader == ClassLoader.getSystemClassLoader()
        : layer == ModuleLayer.boot();
  }

  private static String describeLoader(Class<?> type) {
    return String.valueOf(type.getClassLoader());
  }

  static ProcessBuilder ofThisRuntime() {
    List<String> command = new ArrayList<>();
    command.add(launcher().toString());
    List<String> flags = flags();
    command.addAll(flags);
    if (flags.stream().noneMatch(flag -> flag.matches("-XX:\\+Use\\w+GC"))) {
      // One thread works, and there are as many processes as processors.
      command.add("-XX:+UseSerialGC");
    }
    command.addAll(QUIET);
    addCode(command);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    VARIABLES.forEach(builder.environment()::remove);
    return builder;
  }

  private static Path launcher() {
    Path folder = Path.of(System.getProperty("java.home"), "bin");
    for (String name : List.of("java", "java.exe")) {
      if (Files.isExecutable(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    throw new IllegalStateException(
        "Expected a launcher 'java' in "
            + folder
            + " to start worker processes with, but there is none. An image made by jlink has one"
            + " unless it was made with --strip-native-commands.");
  }

  private static void addCode(List<String> command) {
    String classPath = System.getProperty("java.class.path", "");
    String modulePath = System.getProperty("jdk.module.path");
    Module own = WorkerMain.class.getModule();
    if (!classPath.isEmpty()) {
      command.add("--class-path=" + classPath);
    }
    if (modulePath != null) {
      command.add("--module-path=" + modulePath);
    }
    if (modulePath != null || own.isNamed()) {
      command.add(
          "--add-modules="
              + ModuleLayer.boot().modules().stream()
                  .map(Module::getName)
                  .collect(Collectors.joining(",")));
    }
    if (own.isNamed()) {
      command.add("--module=" + own.getName() + "/" + WorkerMain.class.getName());
    } else {
      command.add(WorkerMain.class.getName());
    }
  }

  // ---- flags

  private static List<String> flags() {
    List<String> all =
        ModuleLayer.boot().findModule("java.management").isPresent()
            ? Management.flags()
            : flagsOfCommandLine();
    return all.stream()
        .filter(flag -> flag.startsWith("-"))
        .filter(flag -> NOT_CARRIED_OVER.stream().noneMatch(flag::startsWith))
        .toList();
  }

  /** Apart, so that it is not linked where the module is missing. */
  private static final class Management {
    static List<String> flags() {
      return ManagementFactory.getRuntimeMXBean().getInputArguments();
    }
  }

  /** As far as they can be seen from outside: not those in argument files. */
  private static List<String> flagsOfCommandLine() {
    List<String> flags = new ArrayList<>();
    Map<String, String> environment = System.getenv();
    for (String variable : VARIABLES) {
      addFlags(List.of(environment.getOrDefault(variable, "").strip().split("\\s+")), flags);
    }
    String[] words = ProcessHandle.current().info().arguments().orElse(new String[0]);
    addFlags(List.of(words), flags);
    return flags;
  }

  /** Those before the name of the program, each with its value in the same word. */
  private static void addFlags(List<String> words, List<String> flags) {
    String waiting = null;
    for (String word : words) {
      if (waiting != null) {
        flags.add(waiting + "=" + word);
        waiting = null;
      } else if (WITH_VALUE.contains(word)) {
        waiting = word;
      } else if (PROGRAM.contains(word) || word.startsWith("--module=")) {
        return;
      } else if (word.startsWith("-")) {
        flags.add(word);
      } else if (!word.startsWith("@")) {
        return;
      }
    }
  }
}
