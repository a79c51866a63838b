package dev.trefoil.hazmat;

import java.util.List;

/**
 * All tasks of a run at one moment, as a tree: a task's children are those of the nurseries that
 * live inside it.
 *
 * @param roots the tasks without a parent: the main task and system tasks
 */
public record TaskDump(List<Entry> roots) {
  /**
   * One task.
   *
   * @param id the task's number
   * @param name the task's name
   * @param state where it is in its life
   * @param stateLabel what it is doing, in a word
   * @param stack its frames, innermost first; empty for the running task
   * @param children the tasks of its nurseries
   */
  public record Entry(
      long id,
      String name,
      TaskState state,
      String stateLabel,
      List<StackTraceElement> stack,
      List<Entry> children) {
    /** Copies the lists. */
    public Entry {
      stack = List.copyOf(stack);
      children = List.copyOf(children);
    }
  }

  /** Copies the list. */
  public TaskDump {
    roots = List.copyOf(roots);
  }

  /**
   * Returns the tree for people: a line for each task, its stack below it, its children indented.
   *
   * @return lines of text
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    append(text, roots, "");
    return text.toString();
  }

  private static void append(StringBuilder text, List<Entry> entries, String indent) {
    for (Entry entry : entries) {
      text.append(indent)
          .append('#')
          .append(entry.id())
          .append(' ')
          .append(entry.name())
          .append(" [")
          .append(entry.stateLabel())
          .append("]\n");
      for (StackTraceElement frame : entry.stack()) {
        text.append(indent).append("      at ").append(frame).append('\n');
      }
      append(text, entry.children(), indent + "   ");
    }
  }
}
