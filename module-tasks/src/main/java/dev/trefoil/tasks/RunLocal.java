package dev.trefoil.tasks;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Run;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A variable with one value for each run, shared by all its tasks and gone with it.
 *
 * <p>Every method throws {@link IllegalStateException} outside a run. Thread-safety: may be a
 * constant that is used in many runs.
 *
 * <p>Source: Trio's {@code RunVar}.
 *
 * @param <T> the type of the values
 */
public final class RunLocal<T> {
  private final @Nullable Supplier<? extends T> initial;

  private RunLocal(@Nullable Supplier<? extends T> initial) {
    this.initial = initial;
  }

  /**
   * What {@link RunLocal#set(Object)} replaced, to be given to {@link RunLocal#reset(Token)} once.
   *
   * @param <T> the type of the values
   */
  public static final class Token<T> {
    private final RunLocal<T> local;
    private final Run run;
    private final @Nullable T before;
    private boolean used;

    private Token(RunLocal<T> local, Run run, @Nullable T before) {
      this.local = local;
      this.run = run;
      this.before = before;
    }
  }

  /**
   * Makes a variable without an initial value.
   *
   * @param <T> the type of the values
   * @return the variable
   */
  public static <T> RunLocal<T> create() {
    return new RunLocal<>(null);
  }

  /**
   * Makes a variable whose value is computed on the first {@link #get()} in a run.
   *
   * @param <T> the type of the values
   * @param initial computes the value
   * @return the variable
   */
  public static <T> RunLocal<T> withInitial(Supplier<? extends T> initial) {
    return new RunLocal<>(Objects.requireNonNull(initial, "initial"));
  }

  /**
   * Returns the value in the current run.
   *
   * @return the value
   * @throws NoSuchElementException if none is set and there is no initial value
   */
  public T get() {
    T value = valueIn(Hazmat.currentRun());
    if (value == null) {
      if (initial == null) {
        throw new NoSuchElementException(
            "Expected a value, but this run local is not set in "
                + Hazmat.currentRun()
                + " and has no initial value. Set it first.");
      }
      value =
          Objects.requireNonNull(
              initial.get(), "initial: expected a value from the given function, got null");
      Hazmat.currentRun().locals().put(this, value);
    }
    return value;
  }

  /**
   * Sets the value in the current run.
   *
   * @param value the value, not {@code null}
   * @return undoes this, given to {@link #reset(Token)}
   */
  public Token<T> set(T value) {
    Objects.requireNonNull(value, "value");
    Run run = Hazmat.currentRun();
    T before = valueIn(run);
    run.locals().put(this, value);
    return new Token<>(this, run, before);
  }

  /**
   * Puts back what was there before a {@link #set(Object)}.
   *
   * @param token of that {@code set}
   * @throws IllegalArgumentException if the token was used before, or is of another variable or run
   */
  public void reset(Token<T> token) {
    Run run = Hazmat.currentRun();
    if (token.local != this || token.run != run) {
      throw new IllegalArgumentException(
          "Expected a token that set() of this run local gave in "
              + run
              + ", got one of "
              + (token.local == this ? token.run.toString() : "another run local")
              + ".");
    }
    if (token.used) {
      throw new IllegalArgumentException(
          "Expected an unused token, but this one has been used: a token resets once.");
    }
    token.used = true;
    Map<Object, Object> locals = run.locals();
    if (token.before == null) {
      locals.remove(this);
    } else {
      locals.put(this, token.before);
    }
  }

  @SuppressWarnings("unchecked")
  private @Nullable T valueIn(Run run) {
    return (@Nullable T) run.locals().get(this);
  }
}
