package dev.trefoil.tests.linearizability;

import java.util.Optional;

/**
 * Something that can be done with a subject.
 *
 * @param <T> the type of the real subject
 * @param <S> the type of its state in the model; immutable, with {@code equals}
 */
interface Operation<T, S> {
  /** Does it for real, waiting if it has to, and returns its result. */
  Object perform(T subject) throws InterruptedException;

  /** Returns the state after it, or nothing if it cannot happen, or not with that result, in this state. */
  Optional<S> after(S state, Object result);
}
