package dev.trefoil.benchmarks;

import java.util.stream.IntStream;

/** What is sent through queues: made beforehand, so that none is allocated on the way. */
final class Items {
  private static final Integer[] ALL = IntStream.range(0, 64).boxed().toArray(Integer[]::new);

  private Items() {}

  static Integer at(int index) {
    return ALL[index % ALL.length];
  }

  static Integer[] all() {
    return ALL.clone();
  }

  /** The sum of the first ones. */
  static long sum(int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += at(i);
    }
    return sum;
  }
}
