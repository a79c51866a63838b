package dev.trefoil.hazmat;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * How something ended: a value, or a failure. Immutable.
 *
 * <p>Source: {@code outcome.Outcome}, called {@code Result} in early Trio.
 *
 * @param <T> the type of the value
 */
public sealed interface Outcome<T extends @Nullable Object> {
  /**
   * A normal end.
   *
   * @param <T> the type of the value
   * @param value the value, possibly {@code null}
   */
  record Value<T extends @Nullable Object>(T value) implements Outcome<T> {
    @Override
    public T unwrap() {
      return value;
    }
  }

  /**
   * An abrupt end.
   *
   * @param <T> the type that the value would have had
   * @param error what was thrown
   */
  record Failure<T extends @Nullable Object>(Throwable error) implements Outcome<T> {
    /** Refuses a missing error. */
    public Failure {
      Objects.requireNonNull(error, "error: a failure needs the Throwable that caused it");
    }

    @Override
    public T unwrap() {
      throw Failure.<RuntimeException>asUnchecked(error);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> X asUnchecked(Throwable error) throws X {
      throw (X) error;
    }
  }

  /**
   * A normal end with a value.
   *
   * @param <T> the type of the value
   * @param value the value, possibly {@code null}
   * @return the outcome
   */
  static <T extends @Nullable Object> Outcome<T> of(T value) {
    return new Value<>(value);
  }

  /**
   * A normal end with nothing to tell: the value is {@code null}.
   *
   * @return always the same outcome
   */
  static Outcome<@Nullable Object> nothing() {
    return Nothing.OUTCOME;
  }

  /**
   * An abrupt end.
   *
   * @param <T> the type that the value would have had
   * @param error what was thrown
   * @return the outcome
   */
  static <T extends @Nullable Object> Outcome<T> failure(Throwable error) {
    return new Failure<>(error);
  }

  /**
   * Runs {@code body} and keeps whatever comes of it, errors of every kind included.
   *
   * @param <T> the type of the value
   * @param body what to run
   * @return what came of it
   */
  @SuppressWarnings("CatchingUnchecked")
  static <T extends @Nullable Object> Outcome<T> capture(Callable<? extends T> body) {
    Objects.requireNonNull(body, "body");
    try {
      return of(body.call());
    } catch (Throwable error) {
      return failure(error);
    }
  }

  /**
   * Returns the value or rethrows the failure, the very same object, checked or not.
   *
   * @return the value
   */
  T unwrap();
}

final class Nothing {
  static final Outcome<@Nullable Object> OUTCOME = new Outcome.Value<>(null);

  private Nothing() {}
}
