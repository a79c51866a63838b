package dev.trefoil.signals;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.SignalWatch;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** A watch for each of several signals: all or none. */
final class Watches {
  private final Map<Signal, SignalWatch> watches = new LinkedHashMap<>();

  private Watches(Set<Signal> signals, Function<Signal, SignalWatch> open) {
    try {
      for (Signal signal : signals) {
        watches.put(signal, open.apply(signal));
      }
    } catch (Throwable refused) {
      close();
      throw refused;
    }
  }

  static Set<Signal> setOf(Signal... signals) {
    Set<Signal> set = new LinkedHashSet<>();
    for (Signal signal : Objects.requireNonNull(signals, "signals")) {
      set.add(Objects.requireNonNull(signal, "signals: expected signals, got a null among them"));
    }
    if (set.isEmpty()) {
      throw new IllegalArgumentException(
          "signals: expected at least one signal to watch, such as Signal.TERM, got none");
    }
    return Collections.unmodifiableSet(set);
  }

  static Watches open(Set<Signal> signals, Consumer<Signal> onSignal) {
    return new Watches(
        signals, signal -> Hazmat.watchSignal(signal.name(), () -> onSignal.accept(signal)));
  }

  static Watches ignoring(Set<Signal> signals) {
    return new Watches(signals, signal -> Hazmat.ignoreSignal(signal.name()));
  }

  void close() {
    watches.values().forEach(SignalWatch::close);
  }

  /** Passes all of them on, even if one of them cannot be. */
  void passOn(Collection<Signal> unread) {
    RuntimeException failure = null;
    for (Signal signal : unread) {
      try {
        Objects.requireNonNull(watches.get(signal)).passOn();
      } catch (RuntimeException error) {
        if (failure == null) {
          failure = error;
        } else {
          failure.addSuppressed(error);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
