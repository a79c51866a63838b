package dev.trefoil.tests.model;

/** The real thing, for one program. */
public interface Subject {
  /** What stands for the result of a call that has none. */
  String DONE = "done";

  /** Makes a call in the current task; what it throws is its result as well. */
  String perform(Call call) throws Exception;

  /** What can be seen of it while all tasks are blocked. */
  String look();
}
