package dev.trefoil.benchmarks;

import java.util.List;
import java.util.function.Predicate;

/** A job that takes processes of its own, so that it cannot be one of JMH's. */
interface Job {
  /** As it is called in the table. */
  String name();

  /** Those that can do it here. */
  List<String> contenders();

  /** What is to be reached. */
  List<Target> targets();

  /** Why it cannot be measured here, or nothing. */
  default List<String> obstacles() {
    return List.of();
  }

  /**
   * Has a round of it done.
   *
   * @param wanted by which contenders
   * @param length how thoroughly
   */
  List<Measurement> measure(Predicate<String> wanted, Length length) throws Exception;
}
