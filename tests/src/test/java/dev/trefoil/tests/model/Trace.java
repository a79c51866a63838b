package dev.trefoil.tests.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a program has gone: what was seen, in its order. */
final class Trace {
  private final List<String> lines = new ArrayList<>();
  private final StringBuilder blocked = new StringBuilder();
  private boolean ended;

  /** A new task is called like its predecessor, if it has one, with a stroke more. */
  static String nameOf(int task, @Nullable Object predecessor) {
    return predecessor == null ? Integer.toString(task) : predecessor + "'";
  }

  void result(String task, Call call, String result) {
    if (!ended) {
      lines.add(task + ": " + call + " = " + result);
    }
  }

  void blocked(String task, @Nullable Call at, boolean ended) {
    blocked.append(task).append(ended ? " ended, " : at == null ? " idle, " : " in " + at + ", ");
  }

  void look(String look) {
    lines.add("blocked: " + blocked + look);
    blocked.setLength(0);
  }

  /** What comes now is no part of the program any more. */
  void end() {
    ended = true;
  }

  List<String> lines() {
    return lines;
  }
}
