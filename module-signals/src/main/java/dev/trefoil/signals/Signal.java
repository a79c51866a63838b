package dev.trefoil.signals;

import dev.trefoil.hazmat.KernelProvider;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A signal of the operating system, by its name. Two are equal if their names are.
 *
 * <p>A value: for all threads, inside and outside runs.
 */
public final class Signal {
  /** The terminal is gone; for a server, by custom, to read its configuration again. */
  public static final Signal HUP = new Signal("HUP");

  /** Control-C. */
  public static final Signal INT = new Signal("INT");

  /** The process is asked to end. */
  public static final Signal TERM = new Signal("TERM");

  /** Whatever the program makes of it. Its sibling {@code USR2} is used by the JVM. */
  public static final Signal USR1 = new Signal("USR1");

  /** The terminal has another size. */
  public static final Signal WINCH = new Signal("WINCH");

  /** The process goes on after it was stopped. */
  public static final Signal CONT = new Signal("CONT");

  private static final String PREFIX = "SIG";
  private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9]*");

  private final String name;

  private Signal(String name) {
    this.name = name;
  }

  /**
   * Returns the signal of a name. Whether this system has it shows when it is used.
   *
   * @param name the name with or without its SIG: {@code "SIGTERM"} or {@code "TERM"}
   * @return the signal
   * @throws IllegalArgumentException if that is no name of a signal
   */
  public static Signal of(String name) {
    Objects.requireNonNull(name, "name: expected the name of a signal such as TERM, got null");
    String plain = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    if (!NAME.matcher(plain).matches()) {
      throw new IllegalArgumentException(
          "name: expected the name of a signal in capital letters, such as TERM or SIGTERM, got '"
              + name
              + "'");
    }
    return new Signal(plain);
  }

  /**
   * Returns the name without its SIG.
   *
   * @return the name, such as {@code TERM}
   */
  public String name() {
    return name;
  }

  /**
   * Returns the number that this system has for the signal. It differs between systems. Asks the kernel.
   *
   * @return the number
   * @throws IllegalArgumentException if this system has no such signal
   * @throws IllegalStateException if there is no kernel
   */
  public int number() {
    return KernelProvider.find().signalNumber(name);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Signal signal && signal.name.equals(name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  /** Returns the name with its SIG. */
  @Override
  public String toString() {
    return PREFIX + name;
  }
}
