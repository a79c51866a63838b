package dev.trefoil.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How thoroughly to measure. */
enum Length {
  /** Figures to publish: several rounds, in each of which every contender has a turn. */
  FULL(3),
  /** Figures for orientation, in minutes. */
  SHORT(1),
  /** No figures: every contender does a little of its job, in seconds, and the results are looked at. */
  CHECK(1);

  final int rounds;

  Length(int rounds) {
    this.rounds = rounds;
  }

  static Length of(String word) {
    for (Length length : values()) {
      if (length.word().equals(word)) {
        return length;
      }
    }
    throw new IllegalArgumentException(
        "Expected the length "
            + Arrays.stream(values()).map(Length::word).collect(Collectors.joining(", "))
            + ", got '"
            + word
            + "'.");
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
