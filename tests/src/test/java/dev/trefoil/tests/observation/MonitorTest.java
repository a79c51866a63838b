package dev.trefoil.tests.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.trefoil.hazmat.Action;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import dev.trefoil.tasks.Kernel;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.tasks.monitor.Monitor;
import dev.trefoil.testing.Testing;
import dev.trefoil.tests.hazmat.EveryBackend;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** Real clients of the monitor, while the run goes on and while a task blocks it. */
@Tag("R56")
@Tag("T81")
@Timeout(60)
@Isolated("sets a system property")
final class MonitorTest {
  private static final String PROMPT = "trefoil> ";

  private static final Logger LOGGER = Logger.getLogger("dev.trefoil.monitor");

  private final ParkingLot lot = new ParkingLot();

  @BeforeAll
  static void keepAnnouncementsOffTheConsole() {
    LOGGER.setUseParentHandlers(false);
  }

  @AfterAll
  static void letThemOnTheConsole() {
    LOGGER.setUseParentHandlers(true);
  }

  /** A person with nc. */
  private static final class Client implements AutoCloseable {
    private final Socket socket = new Socket();
    private final BufferedReader in;

    Client(InetSocketAddress address) throws IOException {
      socket.connect(address, 10_000);
      socket.setSoTimeout(30_000);
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    static Client loggedIn(Monitor monitor) throws IOException {
      Client client = new Client(monitor.address());
      client.until("Token: ");
      assertThat(client.ask(monitor.token())).contains("Welcome");
      return client;
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
    }

    /** Reads as far as {@code end}, or as there is anything. */
    String until(String end) throws IOException {
      StringBuilder text = new StringBuilder();
      while (text.indexOf(end) < 0) {
        int c = in.read();
        if (c < 0) {
          break;
        }
        text.append((char) c);
      }
      return text.toString();
    }

    /** Everything until the other side closes; a reset is an end, too. */
    String rest() {
      StringBuilder text = new StringBuilder();
      try {
        for (int c = in.read(); c >= 0; c = in.read()) {
          text.append((char) c);
        }
      } catch (java.net.SocketTimeoutException hanging) {
        throw new AssertionError("not closed after: " + text, hanging);
      } catch (IOException reset) {
        // Closed with data of ours unread.
      }
      return text.toString();
    }

    String ask(String line) throws IOException {
      send(line + "\n");
      return until(PROMPT).replace(PROMPT, "");
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** What happens outside while a run waits for it. */
  private static <X extends Throwable> void outside(Action<X> action) throws Exception {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    ParkingLot ended = new ParkingLot();
    var entry = Hazmat.currentCallSoonThreadAndSignalSafe();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                action.run();
              } catch (Throwable error) {
                failure.set(error);
              } finally {
                entry.callSoonThreadAndSignalSafe(ended::unpark);
              }
            });
    ended.park("OUTSIDE_WAIT");
    if (failure.get() != null) {
      throw new AssertionError(failure.get());
    }
  }

  private void sleepInKitchen() {
    lot.park("KITCHEN_WAIT");
  }

  /** A run with a family: main, parent 2, children 3 and 4; then {@code action} outside. */
  private void withFamily(RunOptions options, Monitor monitor, Action<Exception> action)
      throws Exception {
    Trefoil.run(
        options.withInstrument(monitor),
        () ->
            Nursery.open(
                nursery -> {
                  nursery.spawn(
                      "parent",
                      () ->
                          Nursery.open(
                              inner -> {
                                inner.spawn("first child", this::sleepInKitchen);
                                inner.spawn("second\u001b[31m child", this::sleepInKitchen);
                              }));
                  Testing.waitAllTasksBlocked();
                  outside(action);
                  nursery.cancelScope().cancel("enough");
                }));
  }

  // ---- the commands, while the run answers

  @EveryBackend
  void psListsTheTasksWithStateAndParentAsTheRunTells(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    withFamily(
        options,
        monitor,
        () -> {
          try (Client client = Client.loggedIn(monitor)) {
            String answer = client.ask("ps");
            assertThat(answer).startsWith("As run-");
            assertThat(answer.lines().map(line -> line.strip().replaceAll(" +", " ")).skip(2))
                .satisfiesExactly(
                    line -> assertThat(line).matches("1 - \\d+ OUTSIDE_WAIT main"),
                    line -> assertThat(line).matches("2 1 \\d+ \\w+ parent"),
                    line -> assertThat(line).matches("3 2 1 KITCHEN_WAIT first child"),
                    line -> assertThat(line).matches("4 2 1 KITCHEN_WAIT second\\?\\[31m child"));
          }
        });
  }

  @EveryBackend
  void whereShowsTheStackOfATask(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    withFamily(
        options,
        monitor,
        () -> {
          try (Client client = Client.loggedIn(monitor)) {
            assertThat(client.ask("where 3"))
                .contains("As run-", "first child", "KITCHEN_WAIT", "sleepInKitchen")
                .doesNotContain("dev.trefoil.kernel");
            assertThat(client.ask("WHERE #3\r")).contains("sleepInKitchen");
          }
        });
  }

  @EveryBackend
  void parentsShowsTheWayToTheRoot(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    withFamily(
        options,
        monitor,
        () -> {
          try (Client client = Client.loggedIn(monitor)) {
            assertThat(client.ask("parents 4").lines().skip(1))
                .satisfiesExactly(
                    line -> assertThat(line).contains("(#4)"),
                    line -> assertThat(line).contains("'parent' (#2)"),
                    line -> assertThat(line).contains("'main' (#1)"));
          }
        });
  }

  @EveryBackend
  void cancelEndsOneTaskAndItsSiblingsGoOn(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    AtomicReference<Task<?>> victim = new AtomicReference<>();
    Trefoil.run(
        options.withInstrument(monitor),
        () ->
            Nursery.open(
                nursery -> {
                  victim.set(nursery.spawn("victim", this::sleepInKitchen));
                  Task<?> sibling = nursery.spawn("sibling", this::sleepInKitchen);
                  Testing.waitAllTasksBlocked();
                  outside(
                      () -> {
                        try (Client client = Client.loggedIn(monitor)) {
                          assertThat(client.ask("cancel 2")).contains("'victim'", "cancelled");
                          assertThat(client.ask("ps")).doesNotContain("victim");
                          assertThat(client.ask("cancel 2")).contains("no task #2");
                        }
                      });
                  assertThat(victim.get().state()).isEqualTo(TaskState.CANCELLED);
                  assertThat(sibling.state()).isEqualTo(TaskState.PARKED);
                  lot.unpark();
                }));
  }

  @EveryBackend
  void statsCountsTasksScopesDeadlinesAndWaits(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    withFamily(
        options,
        monitor,
        () -> {
          try (Client client = Client.loggedIn(monitor)) {
            assertThat(client.ask("stats"))
                .contains("As run-", "tasks spawned 4, ended 0, living 4", "deadlines 0", "I/O");
          }
        });
  }

  @EveryBackend
  void helpNamesTheCommandsAndMistakesAreExplained(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    withFamily(
        options,
        monitor,
        () -> {
          try (Client client = Client.loggedIn(monitor)) {
            assertThat(client.ask("help"))
                .contains("ps", "where ID", "parents ID", "cancel ID", "stats", "help", "exit");
            assertThat(client.ask("frobnicate \u0007")).contains("Unknown", "frobnicate", "help");
            assertThat(client.ask("where")).contains("where ID");
            assertThat(client.ask("where me")).contains("number", "me");
            assertThat(client.ask("where 99")).contains("no task #99");
            assertThat(client.ask("ps ps ps")).contains("Unknown");
            assertThat(client.ask("")).isEmpty();
          }
        });
  }

  @EveryBackend
  void exitClosesTheConnectionAndTheRunGoesOn(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    withFamily(
        options,
        monitor,
        () -> {
          try (Client client = Client.loggedIn(monitor)) {
            client.send("exit\n");
            assertThat(client.rest()).contains("Bye");
          }
          try (Client again = Client.loggedIn(monitor)) {
            assertThat(again.ask("ps")).contains("first child");
          }
        });
  }

  @EveryBackend
  void aWholeSessionMayComeAtOnceAndEndWithTheInput(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    withFamily(
        options,
        monitor,
        () -> {
          try (Client client = new Client(monitor.address())) {
            client.send(monitor.token() + "\nps\nwhere 3\n");
            client.socket.shutdownOutput();
            assertThat(client.rest()).contains("first child", "sleepInKitchen");
          }
        });
  }

  // ---- while a task blocks the run

  @EveryBackend
  void aBlockedRunIsSeenFromOutsideAndTheAnswersSaySo(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    BlockingTask blocking = new BlockingTask();
    AtomicReference<Task<?>> sleeper = new AtomicReference<>();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread person =
        Thread.ofPlatform()
            .unstarted(
                () -> {
                  blocking.awaitBlocking();
                  try (Client client = Client.loggedIn(monitor)) {
                    assertThat(client.ask("ps"))
                        .contains("not answered", "'hog' (#3) keeps it", "from outside")
                        .containsPattern("3 +1 +1 +RUNNING +hog")
                        .containsPattern("2 +1 +1 +KITCHEN_WAIT +sleeper")
                        .containsPattern("4 +1 +0 +RUNNABLE +late");
                    assertThat(client.ask("where 3"))
                        .contains("not answered", "BlockingTask.block");
                    assertThat(client.ask("where 2"))
                        .contains("KITCHEN_WAIT", "cannot be read", "BlockingTask.block");
                    assertThat(client.ask("parents 2")).contains("'sleeper'", "'main'");
                    assertThat(client.ask("stats")).contains("not answered", "living 4");
                    for (int i = 0; i < 100; i++) {
                      assertThat(client.ask("cancel 2")).contains("will be cancelled");
                    }
                  } catch (Throwable error) {
                    failure.set(error);
                  } finally {
                    blocking.release();
                  }
                });
    AtomicInteger waiting = new AtomicInteger();
    Trefoil.run(
        options.withInstrument(monitor),
        () ->
            Nursery.open(
                nursery -> {
                  sleeper.set(nursery.spawn("sleeper", this::sleepInKitchen));
                  Testing.waitAllTasksBlocked();
                  nursery.spawn(
                      "hog",
                      () -> {
                        nursery.spawn("late", () -> {});
                        person.start();
                        blocking.block();
                        waiting.set(Hazmat.currentRun().statistics().entryQueueSize());
                      });
                }));
    person.join();
    if (failure.get() != null) {
      throw new AssertionError(failure.get());
    }
    assertThat(sleeper.get().state())
        .as("cancelled when the run went on")
        .isEqualTo(TaskState.CANCELLED);
    assertThat(waiting).as("entry calls, however often a client asks").hasValueBetween(1, 2);
  }

  // ---- bad clients

  @EveryBackend
  void nothingIsToldWithoutTheTokenAndThreeWrongOnesEndTheConnection(RunOptions options)
      throws Exception {
    Monitor monitor = Monitor.onPort(0);
    withFamily(
        options,
        monitor,
        () -> {
          try (Client client = new Client(monitor.address())) {
            client.send("ps\nGET / HTTP/1.1\n" + monitor.token().substring(1) + "\nps\n");
            assertThat(client.rest()).contains("Wrong token").doesNotContain("first child");
          }
          try (Client clumsy = new Client(monitor.address())) {
            clumsy.send("oops\n" + monitor.token() + "\n");
            assertThat(clumsy.until("Welcome")).contains("Wrong token", "Welcome");
          }
        });
  }

  @EveryBackend
  void aLineThatIsTooLongEndsTheConnection(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    withFamily(
        options,
        monitor,
        () -> {
          try (Client client = Client.loggedIn(monitor)) {
            client.send("x".repeat(256));
            assertThat(client.rest()).contains("256");
          }
          try (Client flood = new Client(monitor.address())) {
            byte[] garbage = new byte[1 << 20];
            try {
              for (int i = 0; i < 100; i++) {
                flood.socket.getOutputStream().write(garbage);
              }
              throw new AssertionError("100 MB were taken");
            } catch (IOException closed) {
              assertThat(closed).isNotNull();
            }
          }
          try (Client good = Client.loggedIn(monitor)) {
            assertThat(good.ask("ps")).contains("first child");
          }
        });
  }

  @EveryBackend
  void aClientThatSaysNothingIsDisconnected(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0).withIdleLimit(Duration.ofMillis(300));
    withFamily(
        options,
        monitor,
        () -> {
          try (Client silent = new Client(monitor.address())) {
            assertThat(silent.rest()).contains("Token: ", "too long");
          }
          try (Client fallenSilent = Client.loggedIn(monitor)) {
            assertThat(fallenSilent.rest()).contains("too long");
          }
        });
  }

  @EveryBackend
  void aClientThatDoesNotReadDelaysNobody(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    Trefoil.run(
        options.withInstrument(monitor),
        () ->
            Nursery.open(
                nursery -> {
                  for (int i = 0; i < 2_000; i++) {
                    nursery.spawn("x".repeat(1_000), this::sleepInKitchen);
                  }
                  Testing.waitAllTasksBlocked();
                  outside(
                      () -> {
                        try (Client deaf = Client.loggedIn(monitor);
                            Client good = Client.loggedIn(monitor)) {
                          for (int i = 0; i < 50; i++) {
                            deaf.send("ps\n".repeat(80));
                          }
                          String answer = good.ask("ps");
                          assertThat(answer.lines().count()).isLessThan(1_010);
                          assertThat(answer).contains("... and 1001 more");
                          assertThat(answer.lines())
                              .allSatisfy(line -> assertThat(line).hasSizeLessThan(250));
                        }
                      });
                  nursery.cancelScope().cancel("enough");
                }));
  }

  @EveryBackend
  void strangersKeepNobodyOut(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    withFamily(
        options,
        monitor,
        () -> {
          List<Client> strangers = new ArrayList<>();
          try {
            for (int i = 0; i < 20; i++) {
              strangers.add(new Client(monitor.address()));
            }
            List<Client> welcome = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
              welcome.add(Client.loggedIn(monitor));
            }
            strangers.addAll(welcome);
            try (Client fifth = new Client(monitor.address())) {
              assertThat(fifth.rest()).contains("Too many clients");
            }
            for (Client client : welcome) {
              assertThat(client.ask("ps")).contains("first child");
            }
            assertThat(strangers.getFirst().rest()).contains("Too many clients");
          } finally {
            for (Client client : strangers) {
              client.close();
            }
          }
        });
  }

  // ---- on and off

  @EveryBackend
  void itListensOnLoopbackOnlyFromTheStartOfTheRunToItsEnd(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    assertThat(monitor.address()).isNull();
    AtomicReference<Client> left = new AtomicReference<>();
    Trefoil.run(
        options.withInstrument(monitor),
        () -> {
          assertThat(monitor.address().getAddress().isLoopbackAddress()).isTrue();
          left.set(Client.loggedIn(monitor));
        });
    assertThat(monitor.address()).isNull();
    try (Client client = left.get()) {
      assertThat(client.rest()).contains("has ended");
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("trefoil-monitor"));
  }

  /** What the monitor logs meanwhile. */
  private static List<String> logged(Action<Exception> action) throws Exception {
    List<String> messages = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public synchronized void publish(LogRecord record) {
            messages.add(new java.util.logging.SimpleFormatter().formatMessage(record));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    LOGGER.addHandler(handler);
    try {
      action.run();
    } finally {
      LOGGER.removeHandler(handler);
    }
    return messages;
  }

  private static void withProperty(String value, Action<Exception> action) throws Exception {
    System.setProperty(Monitor.PROPERTY, value);
    try {
      action.run();
    } finally {
      System.clearProperty(Monitor.PROPERTY);
    }
  }

  @EveryBackend
  void thePropertySwitchesItOnForAnyRunAndTheStartIsAnnounced(RunOptions options) throws Exception {
    List<String> messages =
        logged(
            () ->
                withProperty(
                    "0",
                    () ->
                        Trefoil.run(
                            options,
                            () ->
                                assertThat(Thread.getAllStackTraces().keySet())
                                    .extracting(Thread::getName)
                                    .contains("trefoil-monitor-" + Hazmat.currentRun()))));
    assertThat(messages)
        .singleElement()
        .satisfies(text -> assertThat(text).containsPattern("nc \\S+ \\d+, token [0-9a-f]{20}"));
  }

  @EveryBackend
  void thePropertyAndTheBuilderSwitchItOnForAKernelAndItStaysBetweenTwoRuns(RunOptions options)
      throws Exception {
    for (Kernel.Builder builder :
        List.of(Kernel.builder().options(options).monitor(0), Kernel.builder().options(options))) {
      List<String> messages =
          logged(
              () ->
                  withProperty(
                      "0",
                      () -> {
                        try (Kernel kernel = builder.build()) {
                          kernel.addTask(() -> {});
                          kernel.run();
                          assertThat(Thread.getAllStackTraces().keySet())
                              .extracting(Thread::getName)
                              .anyMatch(name -> name.startsWith("trefoil-monitor-"));
                          kernel.run(() -> {});
                        }
                      }));
      assertThat(messages).singleElement().asString().contains("token");
    }
  }

  @EveryBackend
  void aPortThatIsNoneIsRefusedByTheBuilder(RunOptions options) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Kernel.builder().options(options).monitor(-1))
        .withMessageContaining("-1");
  }

  @EveryBackend
  void itIsOffByDefault(RunOptions options) throws Exception {
    List<String> messages =
        logged(
            () ->
                Trefoil.run(
                    options,
                    () ->
                        assertThat(Thread.getAllStackTraces().keySet())
                            .extracting(Thread::getName)
                            .noneMatch(name -> name.startsWith("trefoil-monitor"))));
    assertThat(messages).isEmpty();
    assertThat(Monitor.addIfRequested(options)).isSameAs(options);
  }

  @EveryBackend
  void aPropertyThatIsNoPortIsLoggedAndTheRunGoesOn(RunOptions options) throws Exception {
    List<String> messages =
        logged(() -> withProperty("yes", () -> assertThat(Trefoil.run(options, () -> 1)).isOne()));
    assertThat(messages)
        .singleElement()
        .satisfies(text -> assertThat(text).contains("trefoil.monitor", "\"yes\"", "port"));
  }

  @EveryBackend
  void aPortThatIsTakenIsReplacedByAFreeOne(RunOptions options) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      Monitor monitor = Monitor.onPort(taken.getLocalPort());
      Trefoil.run(
          options.withInstrument(monitor),
          () -> {
            assertThat(monitor.address().getPort()).isNotEqualTo(taken.getLocalPort());
            Client.loggedIn(monitor).close();
          });
    }
  }

  @Test
  void badPortsAndLimitsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Monitor.onPort(65_536))
        .withMessageContaining("65536");
    assertThatIllegalArgumentException().isThrownBy(() -> Monitor.onPort(-1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Monitor.onPort(0).withIdleLimit(Duration.ZERO))
        .withMessageContaining("limit");
    assertThat(Monitor.onPort(0).token()).isNotEqualTo(Monitor.onPort(0).token());
  }

  @EveryBackend
  void aSystemTaskCanBeCancelledWithoutBreakingTheRun(RunOptions options) throws Exception {
    Monitor monitor = Monitor.onPort(0);
    Trefoil.run(
        options.withInstrument(monitor),
        () -> {
          Task<?> system =
              Hazmat.spawnSystemTask(
                  "server",
                  () -> {
                    sleepInKitchen();
                    return null;
                  });
          Testing.waitAllTasksBlocked();
          outside(
              () -> {
                try (Client client = Client.loggedIn(monitor)) {
                  assertThat(client.ask("cancel " + system.id())).contains("cancelled");
                }
              });
          Testing.waitAllTasksBlocked();
          assertThat(system.state()).isEqualTo(TaskState.CANCELLED);
          assertThat(((dev.trefoil.hazmat.Outcome.Failure<?>) system.outcome()).error())
              .isInstanceOf(Cancelled.class);
        });
  }
}
