package dev.trefoil.threads;

import dev.trefoil.hazmat.Body;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Code for a worker process, see {@link ToProcess}. A lambda expression becomes one that can be
 * serialized, with all that it captures, where this type is asked for.
 *
 * @param <T> the type of its result
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface ProcessBody<T extends @Nullable Object, X extends Throwable>
    extends Body<T, X>, Serializable {}
