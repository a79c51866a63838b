package dev.trefoil.tests.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * What tasks do to one primitive. The scripts of a round begin in their order, one after the other up
 * to where it waits or pauses; the next round begins when all tasks are blocked, and passes those over
 * that still wait. A task that has ended is replaced by a new one.
 *
 * @param size what the primitive is made with, if that is anything: a count, a limit
 */
record Program(int size, int tasks, List<List<Script>> rounds) {
  /** What one task does, in a scope that is cancelled when the task is. */
  record Script(int task, List<Call> calls) {}

  /** The shortest program that comes of leaving something out again and again, and still fails. */
  Program shortest(Predicate<Program> fails) {
    Program shortest = this;
    boolean shorter = true;
    while (shorter) {
      shorter = false;
      for (Program candidate : shortest.shorterOnes()) {
        if (fails.test(candidate)) {
          shortest = candidate;
          shorter = true;
          break;
        }
      }
    }
    return shortest;
  }

  private List<Program> shorterOnes() {
    List<Program> shorterOnes = new ArrayList<>();
    for (int i = 0; i < rounds.size(); i++) {
      shorterOnes.add(new Program(size, tasks, without(rounds, i)));
    }
    for (int i = 0; i < rounds.size(); i++) {
      List<Script> round = rounds.get(i);
      for (int j = 0; j < round.size(); j++) {
        Script script = round.get(j);
        shorterOnes.add(new Program(size, tasks, with(rounds, i, without(round, j))));
        for (int k = 0; k < script.calls().size(); k++) {
          Script shorter = new Script(script.task(), without(script.calls(), k));
          shorterOnes.add(new Program(size, tasks, with(rounds, i, with(round, j, shorter))));
        }
      }
    }
    return shorterOnes;
  }

  private static <T> List<T> without(List<T> list, int index) {
    List<T> rest = new ArrayList<>(list);
    rest.remove(index);
    return rest;
  }

  private static <T> List<T> with(List<T> list, int index, T element) {
    List<T> changed = new ArrayList<>(list);
    changed.set(index, Objects.requireNonNull(element));
    return changed;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("size ").append(size);
    for (int i = 0; i < rounds.size(); i++) {
      text.append("\nround ").append(i + 1);
      for (Script script : rounds.get(i)) {
        text.append("\n  task ").append(script.task()).append(": ");
        text.append(String.join(", ", script.calls().stream().map(Call::toString).toList()));
      }
    }
    return text.toString();
  }
}
