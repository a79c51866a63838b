package dev.trefoil.tests.model;

import java.util.List;

/**
 * What a task of a program does next: one operation, or one of what all tasks can do.
 *
 * @param waits whether it may have to wait, and so raises when the task is cancelled
 */
public record Call(String name, List<Integer> arguments, boolean waits) {
  static final Call PAUSE = new Call("pause", List.of(), true);
  static final Call END = new Call("end", List.of(), false);

  static Call cancel(int task) {
    return new Call("cancel", List.of(task), false);
  }

  public int argument() {
    return arguments.getFirst();
  }

  public int argument(int index) {
    return arguments.get(index);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(name);
    arguments.forEach(argument -> text.append(' ').append(argument));
    return text.toString();
  }
}
