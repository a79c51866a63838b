package dev.trefoil.tasks.monitor;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.Run;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.Task;
import dev.trefoil.hazmat.TaskState;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Lets a person with {@code nc} or {@code telnet} look into a run: its tasks, where they are, and what
 * blocks it; and cancel a task.
 *
 * <pre>{@code
 * Trefoil.run(RunOptions.defaults().withInstrument(Monitor.onPort(5001)), main);
 * }</pre>
 *
 * <p>or, without touching the program, {@code java -Dtrefoil.monitor=5001 ...}, for every run that
 * {@link dev.trefoil.tasks} starts. Off otherwise, at no cost. While it is on, each step of a task
 * costs a few hundred nanoseconds, and each living task a few hundred bytes.
 *
 * <p>It listens on the loopback address only, from the start of the run to its end. Where it listens,
 * and the token that it asks every client for, are logged at the start by the system logger {@code
 * dev.trefoil.monitor}, at level INFO. If it cannot listen, that is logged and the run goes on without;
 * if just the port is taken, by another run for instance, it takes a free one.
 *
 * <p>It has a thread of its own. For each command it asks the run, by an entry call, and waits for a
 * moment. A run that does not answer is blocked: then the answer is what can be seen from outside (the
 * tasks as they were when the running step began or as it has changed them, and the stack of the code
 * that blocks), and says so. A client can neither block the run or the monitor nor make them grow:
 * lines, output, clients, times and attempts are limited.
 *
 * <p>A monitor serves one run at a time. Install it with {@link
 * RunOptions#withInstrument(Instrument)}: added later it does not know when the run starts.
 *
 * <p>Source: Curio's {@code Monitor} and {@code with_monitor}.
 */
public final class Monitor implements Instrument {
  /** The system property with the port to listen on, 0 for any. */
  public static final String PROPERTY = "trefoil.monitor";

  /** The logger is made when something is logged, since every run comes by here, and it takes long. */
  private static final String LOG_NAME = "dev.trefoil.monitor";

  private static final int TOKEN_BYTES = 10;
  private static final int MAX_PORT = 0xFFFF;

  private final int port;
  private final Duration idleLimit;
  private final String token = newToken();

  private @Nullable TaskTable tasks;
  private volatile @Nullable MonitorServer server;

  private Monitor(int port, Duration idleLimit) {
    this.port = port;
    this.idleLimit = idleLimit;
  }

  private static String newToken() {
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /**
   * Makes a monitor that does not listen yet.
   *
   * @param port where to listen, 0 for a free port
   * @return a monitor, to be installed in one run
   * @throws IllegalArgumentException if it is no port
   */
  public static Monitor onPort(int port) {
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException(
          "port: expected 0 to " + MAX_PORT + ", 0 meaning any that is free, got " + port);
    }
    return new Monitor(port, Duration.ofMinutes(10));
  }

  /**
   * Changes after what time a client that sends no complete line is disconnected. The default is ten
   * minutes. Clients that have not given the token, or do not read what they are sent, have 30
   * seconds at most.
   *
   * @param limit the time
   * @return another monitor, with a token of its own
   * @throws IllegalArgumentException if {@code limit} is not positive
   */
  public Monitor withIdleLimit(Duration limit) {
    if (!limit.isPositive()) {
      throw new IllegalArgumentException("limit: expected a positive duration, got " + limit);
    }
    return new Monitor(port, limit);
  }

  /**
   * Adds a monitor if the system property {@value #PROPERTY} asks for one and the options have none.
   * Whoever starts a run through {@link dev.trefoil.tasks} has this already.
   *
   * @param options how to run
   * @return the options, changed or not
   */
  public static RunOptions addIfRequested(RunOptions options) {
    String value = System.getProperty(PROPERTY);
    if (value == null || hasMonitor(options)) {
      return options;
    }
    try {
      return options.withInstrument(onPort(Integer.parseInt(value.strip())));
    } catch (IllegalArgumentException noPort) {
      System.getLogger(LOG_NAME)
          .log(
              Level.WARNING,
              "Expected a port in the system property {0}, got \"{1}\"; the run goes on without a"
                  + " monitor.",
              PROPERTY,
              value);
      return options;
    }
  }

  private static boolean hasMonitor(RunOptions options) {
    return options.instruments().stream().anyMatch(Monitor.class::isInstance);
  }

  /**
   * Returns what clients have to send first. Safe from any thread.
   *
   * @return the token, the same for the whole life of this monitor
   */
  public String token() {
    return token;
  }

  /**
   * Returns where the monitor listens. Safe from any thread.
   *
   * @return a loopback address, or {@code null} before the run, after it, or if listening failed
   */
  public @Nullable InetSocketAddress address() {
    MonitorServer listening = server;
    return listening == null ? null : listening.address();
  }

  // ---- the run's life

  @Override
  public void beforeRun() {
    if (server != null) {
      throw new IllegalStateException(
          "Expected a monitor of its own for each run, but this one serves a run already.");
    }
    Run run = Hazmat.currentRun();
    TaskTable table = new TaskTable();
    try {
      MonitorServer opened =
          MonitorServer.open(port, token, idleLimit, run.toString(), new Commands(run, table));
      tasks = table;
      server = opened;
      String host = opened.address().getAddress().getHostAddress();
      System.getLogger(LOG_NAME)
          .log(
              Level.INFO,
              "The monitor of "
                  + run
                  + " listens: nc "
                  + host
                  + " "
                  + opened.address().getPort()
                  + ", token "
                  + token);
    } catch (IOException cannotListen) {
      System.getLogger(LOG_NAME)
          .log(Level.WARNING, "The monitor of " + run + " cannot listen.", cannotListen);
    }
  }

  @Override
  public void afterRun() {
    MonitorServer listening = server;
    if (listening != null) {
      listening.close();
      server = null;
      tasks = null;
    }
  }

  @Override
  public void taskSpawned(Task<?> task) {
    if (tasks != null) {
      tasks.add(task);
    }
  }

  @Override
  public void taskScheduled(Task<?> task) {
    if (tasks != null) {
      tasks.update(task, TaskState.RUNNABLE, 0);
    }
  }

  @Override
  public void beforeTaskStep(Task<?> task) {
    if (tasks != null) {
      tasks.update(task, TaskState.RUNNING, 1);
    }
  }

  @Override
  public void afterTaskStep(Task<?> task) {
    if (tasks != null) {
      tasks.update(task, task.state(), 0);
    }
  }

  @Override
  public void taskExited(Task<?> task) {
    if (tasks != null) {
      tasks.remove(task);
    }
  }

  @Override
  public String toString() {
    InetSocketAddress where = address();
    return "monitor" + (where == null ? "" : " on " + where);
  }
}
