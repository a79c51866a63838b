package dev.trefoil.hazmat;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Values that a task hands down to the tasks it spawns: an immutable map from keys, compared by
 * identity, to values. Changing a task's values means giving it another context, which is why a
 * child is unaffected by what its spawner sets later, and the other way round.
 *
 * <p>Meant for a handful of entries: reading and changing take time proportional to their number.
 *
 * <p>Source: Python's {@code contextvars.Context} as Trio uses it.
 */
public final class TaskContext {
  /** The context without entries. */
  public static final TaskContext EMPTY = new TaskContext(new Object[0]);

  /** Keys at even places, each followed by its value. */
  private final Object[] entries;

  private TaskContext(Object[] entries) {
    this.entries = entries;
  }

  /**
   * Looks a value up.
   *
   * @param key the key
   * @return the value, or {@code null} if there is none
   */
  public @Nullable Object get(Object key) {
    int place = find(key);
    return place < 0 ? null : entries[place + 1];
  }

  /**
   * Returns a context in which {@code key} has {@code value} and all else is as here.
   *
   * @param key the key
   * @param value the value, not {@code null}
   * @return the other context
   */
  public TaskContext with(Object key, Object value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value: use without(key) to remove an entry");
    int place = find(key);
    Object[] copy;
    if (place < 0) {
      place = entries.length;
      copy = Arrays.copyOf(entries, entries.length + 2);
      copy[place] = key;
    } else {
      copy = entries.clone();
    }
    copy[place + 1] = value;
    return new TaskContext(copy);
  }

  /**
   * Returns a context without {@code key} in which all else is as here.
   *
   * @param key the key
   * @return the other context, or this one if the key is not there
   */
  public TaskContext without(Object key) {
    int place = find(key);
    if (place < 0) {
      return this;
    }
    Object[] copy = new Object[entries.length - 2];
    System.arraycopy(entries, 0, copy, 0, place);
    System.arraycopy(entries, place + 2, copy, place, copy.length - place);
    return new TaskContext(copy);
  }

  private int find(Object key) {
    for (int place = 0; place < entries.length; place += 2) {
      if (entries[place] == key) {
        return place;
      }
    }
    return -1;
  }
}
