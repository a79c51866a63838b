package dev.trefoil.tasks;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the message of a group says of its leaves: how many there are, and what the first ones are.
 *
 * <p>Each group takes over what the groups in it know, so that a message does not cost more the
 * deeper groups are nested.
 */
final class FirstLeaves implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int NAMED = 3;
  private static final Pattern LINE_BREAK = Pattern.compile("\\s*\\R\\s*");

  private final ArrayList<Leaf> leaves = new ArrayList<>(1);
  private long count;

  private record Leaf(Throwable error, String culprit) implements Serializable {
    @Override
    public String toString() {
      String words = ErrorWords.inShort(error);
      String text = culprit.isEmpty() ? words : words + " (" + culprit + ")";
      return LINE_BREAK.matcher(text).replaceAll(" ");
    }
  }

  /** Adds an error that is no group; the culprit may be empty. */
  void add(Throwable error, String culprit) {
    count++;
    addNamed(new Leaf(error, culprit));
  }

  /** Adds those of a group; the culprit is that of leaves whose own is not known. */
  void addAll(FirstLeaves others, String culprit) {
    count += others.count;
    for (Leaf leaf : others.leaves) {
      addNamed(leaf.culprit.isEmpty() ? new Leaf(leaf.error, culprit) : leaf);
    }
  }

  private void addNamed(Leaf leaf) {
    if (leaves.size() < NAMED) {
      leaves.add(leaf);
    }
  }

  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    leaves.forEach(leaf -> parts.add(leaf.toString()));
    if (count > leaves.size()) {
      parts.add("... and " + (count - leaves.size()) + " more");
    }
    return count + (count == 1 ? " error: " : " errors: ") + String.join(", ", parts);
  }
}
