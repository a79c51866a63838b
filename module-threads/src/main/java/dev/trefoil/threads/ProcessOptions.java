package dev.trefoil.threads;

import java.io.ObjectInputFilter;
import java.util.Objects;

/**
 * How {@link ToProcess#runInProcess(ProcessOptions, ProcessBody)} goes about it. Immutable; every method
 * that changes something returns a copy.
 */
public final class ProcessOptions {
  private static final ProcessOptions DEFAULTS = new ProcessOptions("");

  private final String allowed;

  private ProcessOptions(String allowed) {
    this.allowed = allowed;
  }

  /**
   * Between the processes go those classes alone that {@link ToProcess} lists.
   *
   * @return the defaults
   */
  public static ProcessOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Says of further classes whether they may come out of a stream, here and in the worker process. What
   * the pattern does not mention stays as {@link ToProcess} says.
   *
   * <p>Allow what is made to carry data, by name or by package. To allow all that happens to be on the
   * class path ({@code "**"}) is to trust each of these classes not to be of use to who has taken over a
   * worker process.
   *
   * @param pattern as in {@link java.io.ObjectInputFilter.Config#createFilter(String)}, such as {@code
   *     "com.example.model.*;!com.example.model.Secret"}
   * @return changed options; the pattern is looked at after those given before
   * @throws IllegalArgumentException if the pattern is malformed
   */
  public ProcessOptions withAllowed(String pattern) {
    Objects.requireNonNull(pattern, "pattern: expected which classes to allow, got null");
    ObjectInputFilter.Config.createFilter(pattern);
    return new ProcessOptions(allowed.isEmpty() ? pattern : allowed + ";" + pattern);
  }

  /**
   * Returns what {@link #withAllowed(String)} was given.
   *
   * @return the pattern, or an empty string
   */
  public String allowed() {
    return allowed;
  }
}
