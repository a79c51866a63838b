package dev.trefoil.hazmat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;

/**
 * All tasks of a run at one moment, as a tree: a task's children are those of the nurseries that
 * live inside it.
 *
 * @param roots the tasks without a parent: the main task and system tasks
 */
public record TaskDump(List<Entry> roots) {
  private static final int MAX_INDENT = 30;

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
   * Beyond a depth of 30 the indentation stays and the depth is written out.
   *
   * @return lines of text
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    new Walk() {
      @Override
      void enter(Entry entry, int depth, boolean first) {
        String indent = "   ".repeat(Math.min(depth, MAX_INDENT));
        text.append(indent);
        if (depth > MAX_INDENT) {
          text.append("(depth ").append(depth).append(") ");
        }
        text.append('#')
            .append(entry.id())
            .append(' ')
            .append(entry.name())
            .append(" [")
            .append(entry.stateLabel())
            .append("]\n");
        for (StackTraceElement frame : entry.stack()) {
          text.append(indent).append("      at ").append(frame).append('\n');
        }
      }

      @Override
      void leave(Entry entry) {}
    }.over(roots);
    return text.toString();
  }

  /**
   * Returns the tree for programs, as one line of JSON:
   *
   * <pre>{@code
   * {"tasks":[{"id":1,"name":"main","state":"PARKED","label":"NURSERY_WAIT",
   *   "stack":["com.example.Shop.main(Shop.java:12)"],"children":[...]}]}
   * }</pre>
   *
   * <p>The members are always there, in this order; {@code stack} has the innermost frame first. Later
   * versions may add members. The text is ASCII: everything else is escaped.
   *
   * @return the text
   */
  public String toJson() {
    StringBuilder json = new StringBuilder("{\"tasks\":[");
    new Walk() {
      @Override
      void enter(Entry entry, int depth, boolean first) {
        if (!first) {
          json.append(',');
        }
        json.append("{\"id\":").append(entry.id()).append(",\"name\":");
        appendQuoted(json, entry.name());
        json.append(",\"state\":");
        appendQuoted(json, entry.state().name());
        json.append(",\"label\":");
        appendQuoted(json, entry.stateLabel());
        json.append(",\"stack\":[");
        String separator = "";
        for (StackTraceElement frame : entry.stack()) {
          json.append(separator);
          appendQuoted(json, frame.toString());
          separator = ",";
        }
        json.append("],\"children\":[");
      }

      @Override
      void leave(Entry entry) {
        json.append("]}");
      }
    }.over(roots);
    return json.append("]}").toString();
  }

  private static void appendQuoted(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> json.append('\\').append(c);
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c >= ' ' && c <= '~') {
            json.append(c);
          } else {
            json.append("\\u").append(HexFormat.of().toHexDigits(c));
          }
        }
      }
    }
    json.append('"');
  }

  /** Goes through the tree, depth first; not recursive, since nurseries nest deep. */
  private abstract static class Walk {
    abstract void enter(Entry entry, int depth, boolean first);

    abstract void leave(Entry entry);

    void over(List<Entry> roots) {
      Deque<Entry> path = new ArrayDeque<>();
      Deque<Iterator<Entry>> rest = new ArrayDeque<>();
      rest.push(roots.iterator());
      boolean first = true;
      while (!rest.isEmpty()) {
        if (rest.element().hasNext()) {
          Entry entry = rest.element().next();
          enter(entry, path.size(), first);
          path.push(entry);
          rest.push(entry.children().iterator());
          first = true;
        } else {
          rest.pop();
          if (!path.isEmpty()) {
            leave(path.pop());
          }
          first = false;
        }
      }
    }
  }
}
