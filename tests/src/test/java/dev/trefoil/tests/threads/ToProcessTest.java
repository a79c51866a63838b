package dev.trefoil.tests.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Checkpoints;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import dev.trefoil.tests.hazmat.EveryBackend;
import dev.trefoil.tests.hostile.Gadget;
import dev.trefoil.threads.ProcessBody;
import dev.trefoil.threads.ProcessOptions;
import dev.trefoil.threads.RemoteFailure;
import dev.trefoil.threads.RemoteTrace;
import dev.trefoil.threads.ToProcess;
import dev.trefoil.threads.WorkerCrashed;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.GregorianCalendar;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.naming.NamingException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Code in another process, that its task waits for. */
@Tag("R76")
@Timeout(120)
final class ToProcessTest {
  private final List<Object> log = new ArrayList<>();
  @TempDir Path folder;

  private static ProcessBody<Long, RuntimeException> pid() {
    return () -> ProcessHandle.current().pid();
  }

  private static void assertGone(long pid) throws Exception {
    ProcessHandle handle = ProcessHandle.of(pid).orElse(null);
    if (handle != null) {
      handle.onExit().get(30, TimeUnit.SECONDS);
    }
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  // ---- results

  record Order(String customer, LocalDate day, Map<String, Integer> items)
      implements java.io.Serializable {}

  @TrefoilTest
  void returnsACopyOfWhatTheBodyReturnsInAnotherProcess() throws Exception {
    List<Integer> numbers = new ArrayList<>(List.of(1, 2, 3));
    List<Integer> result =
        ToProcess.runInProcess(
            () -> {
              numbers.add(4);
              return numbers;
            });
    assertThat(result).containsExactly(1, 2, 3, 4);
    assertThat(numbers).as("what the task has").containsExactly(1, 2, 3);
    assertThat(ToProcess.runInProcess(pid())).isNotEqualTo(ProcessHandle.current().pid());
    assertThat(ToProcess.<Object, RuntimeException>runInProcess(() -> null)).isNull();
    Order order = new Order("ada", LocalDate.EPOCH, new TreeMap<>(Map.of("pen", 3)));
    assertThat(ToProcess.runInProcess(() -> order)).isEqualTo(order);
    Map<String, int[]> map = new ConcurrentHashMap<>(Map.of("all", new int[100_000]));
    assertThat(ToProcess.runInProcess(() -> map).get("all")).hasSize(100_000);
  }

  @TrefoilTest
  void enumsDatesAndCollectionsOfTheJdkNeedNoPermission() throws Exception {
    for (ProcessBody<Object, RuntimeException> body :
        List.<ProcessBody<Object, RuntimeException>>of(
            () -> ChronoUnit.DAYS,
            () -> Thread.State.NEW,
            () -> EnumSet.of(ChronoUnit.DAYS, ChronoUnit.ERAS),
            () -> new EnumMap<>(Map.of(StandardOpenOption.READ, 1)),
            () -> new GregorianCalendar(TimeZone.getTimeZone("UTC"), Locale.ROOT).getTimeZone(),
            () -> new TreeSet<>(String.CASE_INSENSITIVE_ORDER).comparator())) {
      assertThat(ToProcess.runInProcess(body)).isEqualTo(body.call());
    }
  }

  @TrefoilTest
  void processIsUsedAgainAndKeepsItsStaticFields() throws Exception {
    long first = ToProcess.runInProcess(pid());
    assertThat(ToProcess.runInProcess(pid())).isEqualTo(first);
    assertThat(ToProcess.runInProcess(() -> Counter.count++)).isZero();
    assertThat(ToProcess.runInProcess(() -> Counter.count++)).isEqualTo(1);
    assertThat(Counter.count).isZero();
  }

  private static final class Counter {
    static int count;
  }

  @TrefoilTest
  void takesWhatIsCapturedAtTheTimeOfTheCall() throws Exception {
    FileGate gate = FileGate.in(folder);
    List<String> words = new ArrayList<>(List.of("before"));
    ToProcess.currentDefaultProcessLimiter().setTotalTokens(1);
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> occupy(gate));
          gate.awaitReached();
          nursery.spawn(() -> log.addAll(ToProcess.runInProcess(() -> words)));
          Testing.waitAllTasksBlocked();
          words.add("after");
          gate.open();
        });
    assertThat(log).containsExactly("before");
  }

  private static Object occupy(FileGate gate) throws Exception {
    return ToProcess.runInProcess(
        () -> {
          gate.pass();
          return null;
        });
  }

  @TrefoilTest
  void othersGoOnMeanwhile() throws Exception {
    FileGate gate = FileGate.in(folder);
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                gate.awaitReached();
                log.add("other");
                gate.open();
              });
          occupy(gate);
          log.add("after");
        });
    assertThat(log).containsExactly("other", "after");
  }

  @TrefoilTest
  void isACheckpoint() throws Exception {
    Checkpoints.assertCheckpoints(() -> ToProcess.runInProcess(() -> 1));
  }

  @Test
  void isRefusedOutsideARun() {
    assertThatThrownBy(() -> ToProcess.runInProcess(() -> 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a Trefoil run");
  }

  @TrefoilTest
  void bodyMayStartARunOfItsOwnOnTheSameBackend() throws Exception {
    assertThat(
            ToProcess.runInProcess(
                () -> Trefoil.run(() -> Hazmat.currentRun().backend().toString())))
        .isEqualTo("CONTINUATION");
  }

  @TrefoilTest
  @DisabledOnOs(OS.WINDOWS)
  void whatIsPrintedAndReadThereIsNotTakenForReplies() throws Exception {
    String result =
        ToProcess.runInProcess(
            () -> {
              System.out.println("printed by the body of a test");
              int read = System.in.read();
              Process other = new ProcessBuilder("sh", "-c", "echo lost; cat").inheritIO().start();
              return read + " " + other.waitFor(30, TimeUnit.SECONDS);
            });
    assertThat(result).isEqualTo("-1 true");
    assertThat(ToProcess.runInProcess(() -> "next")).isEqualTo("next");
  }

  // ---- exceptions

  @TrefoilTest
  void throwsACopyOfWhatTheBodyThrowsWithTheRemoteTraceAsCause() throws Exception {
    long pid = ToProcess.runInProcess(pid());
    IOException thrown =
        catchThrowableOfType(
            IOException.class, () -> ToProcess.runInProcess(ToProcessTest::readFromBrokenDisk));
    assertThat(thrown).hasMessage("disk");
    assertThat(thrown.getStackTrace())
        .as("where the task was")
        .anySatisfy(frame -> assertThat(frame.getMethodName()).startsWith("lambda$throwsACopy"))
        .noneSatisfy(frame -> assertThat(frame.getMethodName()).isEqualTo("readFromBrokenDisk"));
    assertThat(thrown).hasCauseExactlyInstanceOf(RemoteTrace.class);
    RemoteTrace trace = (RemoteTrace) thrown.getCause();
    assertThat(trace.pid()).isEqualTo(pid);
    assertThat(trace.trace()).contains("IOException: disk", "readFromBrokenDisk");
    assertThat(trace).hasMessageContaining("worker process " + pid);
    assertThat(ToProcess.runInProcess(pid())).as("works on").isEqualTo(pid);
  }

  private static int readFromBrokenDisk() throws IOException {
    throw new IOException("disk");
  }

  @TrefoilTest
  void exceptionKeepsItsOwnCauseAndErrorsComeOverAsWell() throws Exception {
    assertThat(
            catchThrowable(
                () ->
                    ToProcess.runInProcess(
                        () -> {
                          throw new IOException("disk", new IllegalStateException("full"));
                        })))
        .hasMessage("disk")
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("full")
        .hasCauseInstanceOf(RemoteTrace.class);
    Throwable withoutCause =
        catchThrowable(
            () ->
                ToProcess.runInProcess(
                    () -> {
                      throw new AssertionError("wrong", null);
                    }));
    assertThat(withoutCause).isInstanceOf(AssertionError.class).hasMessage("wrong").hasNoCause();
    assertThat(withoutCause.getSuppressed()).singleElement().isInstanceOf(RemoteTrace.class);
    assertThat(catchThrowable(() -> ToProcess.runInProcess(() -> endless(0))))
        .isInstanceOf(StackOverflowError.class);
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int endless(int depth) {
    return endless(depth + 1) + 1;
  }

  static final class UnserializableException extends Exception {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // the point of it
    final Object field = new Object();

    UnserializableException(String message) {
      super(message);
    }
  }

  @TrefoilTest
  void exceptionThatCannotBeBroughtOverIsStoodForByOneThatNamesIt() throws Exception {
    RemoteFailure unserializable =
        catchThrowableOfType(
            RemoteFailure.class,
            () ->
                ToProcess.runInProcess(
                    () -> {
                      throw new UnserializableException("odd");
                    }));
    assertThat(unserializable)
        .hasMessageContainingAll("UnserializableException: odd", "NotSerializable")
        .hasCauseInstanceOf(RemoteTrace.class);
    assertThat(unserializable.className()).isEqualTo(UnserializableException.class.getName());

    ProcessBody<Object, Exception> refused =
        () -> {
          throw new IOException("of java.base", new NamingException("of another module"));
        };
    assertThat(catchThrowable(() -> ToProcess.runInProcess(refused)))
        .isInstanceOf(RemoteFailure.class)
        .hasMessageContainingAll("of java.base", "withAllowed(\"javax.naming.NamingException\")");
  }

  // ---- what cannot go over

  @TrefoilTest
  void bodyThatCannotBeSerializedIsRefusedWithTheClassThatIsToBlame() throws Exception {
    Object object = new Object();
    assertThatThrownBy(() -> ToProcess.runInProcess(() -> object))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("body", "java.lang.Object", "captures", "'this'");
  }

  @TrefoilTest
  void resultThatCannotBeSerializedIsRefusedWithTheClassThatIsToBlame() throws Exception {
    long pid = ToProcess.runInProcess(pid());
    assertThatThrownBy(() -> ToProcess.runInProcess(Thread::currentThread))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("return", "java.lang.Thread");
    assertThat(ToProcess.runInProcess(pid())).isEqualTo(pid);
  }

  @TrefoilTest
  void classThatIsNotAllowedIsRefusedBeforeItsCodeRunsOnEitherSide() throws Exception {
    Gadget argument = new Gadget("in");
    assertThatThrownBy(() -> ToProcess.runInProcess(argument::name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            Gadget.class.getName(), "not one of those", "package " + getClass().getPackageName())
        .rootCause()
        .isInstanceOf(RemoteTrace.class);
    assertThat(ToProcess.runInProcess(Gadget::triggered)).as("in the worker").isZero();

    int before = Gadget.triggered();
    assertThatThrownBy(() -> ToProcess.runInProcess(() -> List.of(new Gadget("out"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("result", Gadget.class.getName(), "withAllowed");
    assertThat(Gadget.triggered()).as("here").isEqualTo(before);

    // The hash code of a URL asks the network, which is an old way to see whether one has got in.
    assertThatThrownBy(() -> ToProcess.runInProcess(() -> URI.create("http://localhost").toURL()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("java.net.URL");
    assertThatThrownBy(
            () ->
                ToProcess.runInProcess(
                    () -> (Comparator<String> & java.io.Serializable) String::compareTo))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("SerializedLambda");
  }

  @TrefoilTest
  void furtherClassesCanBeAllowedAndOthersRefused() throws Exception {
    Gadget argument = new Gadget("through");
    ProcessOptions gadgets = ProcessOptions.defaults().withAllowed(Gadget.class.getName());
    assertThat(ToProcess.runInProcess(gadgets, () -> List.of(argument)).getFirst().name())
        .isEqualTo("through");
    Order order = new Order("bob", LocalDate.EPOCH, Map.of());
    assertThatThrownBy(
            () ->
                ToProcess.runInProcess(
                    gadgets.withAllowed("!" + Order.class.getName()), order::customer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(Order.class.getName(), "is refused by");
    assertThatThrownBy(() -> gadgets.withAllowed("maxdepth=deep"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(gadgets.allowed()).isEqualTo(Gadget.class.getName());
  }

  @TrefoilTest
  void bodyThatNoOtherJvmWouldFindIsRefused() throws Exception {
    URL own = getClass().getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader plugin = new PluginLoader(own)) {
      @SuppressWarnings("unchecked")
      ProcessBody<Object, Exception> body =
          (ProcessBody<Object, Exception>)
              plugin.loadClass(Foreign.class.getName()).getConstructor().newInstance();
      assertThatThrownBy(() -> ToProcess.runInProcess(body))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("class path", "Foreign", "PluginLoader", "ToThread");
    }
  }

  /** Has classes of its own, as that of a plugin does. */
  private static final class PluginLoader extends URLClassLoader {
    PluginLoader(URL location) {
      super(new URL[] {location}, ToProcessTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      return name.equals(Foreign.class.getName())
          ? findClass(name)
          : super.loadClass(name, resolve);
    }
  }

  /** A body for {@link PluginLoader}. */
  public static final class Foreign implements ProcessBody<Object, Exception> {
    private static final long serialVersionUID = 1L;

    @Override
    public Object call() {
      return "not to be called";
    }
  }

  // ---- how many, and who is next

  @TrefoilTest
  void asManyProcessesAsThereAreProcessorsAndThoseWhoWaitedLongestFirst() throws Exception {
    assertThat(ToProcess.currentDefaultProcessLimiter().totalTokens())
        .isEqualTo(Runtime.getRuntime().availableProcessors());
    ToProcess.currentDefaultProcessLimiter().setTotalTokens(1);
    FileGate gate = FileGate.in(folder);
    Set<Long> pids = new HashSet<>();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> occupy(gate));
          pids.add(gate.awaitReached());
          for (int i = 0; i < 5; i++) {
            int number = i;
            nursery.spawn(
                () -> {
                  pids.add(ToProcess.runInProcess(pid()));
                  log.add(number);
                });
            Testing.waitAllTasksBlocked();
          }
          assertThat(ToProcess.currentDefaultProcessLimiter().statistics().tasksWaiting())
              .isEqualTo(5);
          gate.open();
        });
    assertThat(log).containsExactly(0, 1, 2, 3, 4);
    assertThat(pids).hasSize(1);
  }

  @TrefoilTest
  void callsGoOnAtTheSameTimeInDifferentProcesses() throws Exception {
    ToProcess.currentDefaultProcessLimiter().setTotalTokens(2);
    FileGate one = FileGate.in(folder);
    FileGate two = FileGate.in(folder);
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> occupy(one));
          nursery.spawn(() -> occupy(two));
          assertThat(one.awaitReached()).isNotEqualTo(two.awaitReached());
          one.open();
          two.open();
        });
  }

  // ---- cancellation

  @TrefoilTest
  void cancelledTaskLeavesAtOnceAndItsProcessIsKilledAndReplaced() throws Exception {
    ToProcess.currentDefaultProcessLimiter().setTotalTokens(1);
    FileGate gate = FileGate.in(folder);
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> scope.run(() -> occupy(gate)));
          long pid = gate.awaitReached();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(scope.cancelledCaught()).isTrue();
          assertGone(pid);
          assertThat(ToProcess.runInProcess(pid())).isNotEqualTo(pid);
        });
  }

  @TrefoilTest
  void cancelledWhileItWaitsForAProcessNothingHasHappened() throws Exception {
    ToProcess.currentDefaultProcessLimiter().setTotalTokens(1);
    FileGate gate = FileGate.in(folder);
    FileGate never = FileGate.in(folder);
    CancelScope scope = CancelScope.create();
    Nursery.open(
        nursery -> {
          nursery.spawn(() -> occupy(gate));
          long pid = gate.awaitReached();
          nursery.spawn(() -> scope.run(() -> occupy(never)));
          Testing.waitAllTasksBlocked();
          scope.cancel();
          Testing.waitAllTasksBlocked();
          assertThat(scope.cancelledCaught()).isTrue();
          gate.open();
          assertThat(ToProcess.runInProcess(pid())).as("not killed").isEqualTo(pid);
        });
    assertThat(never.isReached()).isFalse();
  }

  // ---- crashes

  @TrefoilTest
  void processThatExitsIsReportedToItsCallAndNobodyElse() throws Exception {
    ToProcess.currentDefaultProcessLimiter().setTotalTokens(2);
    FileGate gate = FileGate.in(folder);
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                occupy(gate);
                log.add("done");
              });
          gate.awaitReached();
          WorkerCrashed crashed =
              catchThrowableOfType(
                  WorkerCrashed.class,
                  () ->
                      ToProcess.runInProcess(
                          () -> {
                            System.exit(7);
                            return null;
                          }));
          assertThat(crashed).hasMessageContainingAll("in the middle of a call", "exit value 7");
          assertThat(crashed.exitValue()).isEqualTo(7);
          assertThat(ToProcess.runInProcess(() -> "next")).isEqualTo("next");
          gate.open();
        });
    assertThat(log).containsExactly("done");
  }

  @TrefoilTest
  @DisabledOnOs(OS.WINDOWS)
  void killedProcessIsReportedWithTheSignal() throws Exception {
    FileGate gate = FileGate.in(folder);
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () ->
                  log.add(
                      catchThrowableOfType(WorkerCrashed.class, () -> occupy(gate)).getMessage()));
          signal("KILL", gate.awaitReached());
        });
    assertThat(log).singleElement().asString().contains("exit value 137", "signal 9");
  }

  private static void signal(String name, long pid) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  @TrefoilTest
  void idleProcessThatIsKilledIsNoCallsLoss() throws Exception {
    for (int i = 0; i < 3; i++) {
      long pid = ToProcess.runInProcess(pid());
      ProcessHandle.of(pid).orElseThrow().destroyForcibly();
      assertThat(ToProcess.runInProcess(pid())).isNotEqualTo(pid);
    }
  }

  @TrefoilTest
  @DisabledOnOs(OS.WINDOWS)
  void controlCIsNotForTheWorker() throws Exception {
    FileGate gate = FileGate.in(folder);
    Nursery.open(
        nursery -> {
          nursery.spawn(
              () -> {
                occupy(gate);
                log.add("done");
              });
          signal("INT", gate.awaitReached());
          gate.open();
        });
    assertThat(log).containsExactly("done");
  }

  // ---- the end of the run

  @EveryBackend
  void runLeavesNoProcessBehind(RunOptions options) throws Exception {
    FileGate left = FileGate.in(folder);
    List<Long> pids = new ArrayList<>();
    Trefoil.run(
        options,
        () -> {
          ToProcess.currentDefaultProcessLimiter().setTotalTokens(2);
          CancelScope scope = CancelScope.create();
          Nursery.open(
              nursery -> {
                nursery.spawn(() -> scope.run(() -> occupy(left)));
                pids.add(left.awaitReached());
                pids.add(ToProcess.runInProcess(pid()));
                scope.cancel();
              });
          return null;
        });
    assertThat(pids).hasSize(2).noneMatch(ToProcessTest::isAlive);
  }

  @EveryBackend
  void runThatFailsLeavesNoProcessBehind(RunOptions options) throws Exception {
    FileGate gate = FileGate.in(folder);
    List<Long> pids = new ArrayList<>();
    assertThatThrownBy(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      Hazmat.<Object>spawnSystemTask("stubborn", () -> occupy(gate));
                      pids.add(gate.awaitReached());
                      throw new IOException("the main task fails");
                    }))
        .isInstanceOf(IOException.class);
    assertThat(pids).hasSize(1).noneMatch(ToProcessTest::isAlive);
  }
}
