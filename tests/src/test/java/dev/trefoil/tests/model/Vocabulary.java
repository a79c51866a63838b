package dev.trefoil.tests.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** What the programs for one primitive are made of, and how often each call comes. */
public final class Vocabulary {
  private static final int MAX_TASKS = 5;
  private static final int ROUNDS = 6;
  private static final int MAX_CALLS = 5;

  private record Word(String name, boolean waits, List<Integer> bounds) {}

  private final List<Word> words = new ArrayList<>();
  private final int minSize;
  private final int maxSize;
  private boolean tasksEnd;

  /** For primitives that are made with a number, from {@code minSize} to {@code maxSize}. */
  public Vocabulary(int minSize, int maxSize) {
    this.minSize = minSize;
    this.maxSize = maxSize;
  }

  public Vocabulary() {
    this(0, 0);
  }

  /**
   * Adds a call that may have to wait. Each of its arguments is less than the bound in its place; the
   * call comes as often as others do, times {@code weight}.
   */
  public Vocabulary waiting(int weight, String name, Integer... bounds) {
    return add(weight, new Word(name, true, List.of(bounds)));
  }

  /** Adds a call that never waits. */
  public Vocabulary immediate(int weight, String name, Integer... bounds) {
    return add(weight, new Word(name, false, List.of(bounds)));
  }

  private Vocabulary add(int weight, Word word) {
    words.addAll(Collections.nCopies(weight, word));
    return this;
  }

  /** Lets tasks end, whatever they hold. */
  public Vocabulary tasksEnd() {
    tasksEnd = true;
    return this;
  }

  Program program(long seed) {
    Random random = new Random(seed);
    int size = minSize + random.nextInt(maxSize - minSize + 1);
    int tasks = 2 + random.nextInt(MAX_TASKS - 1);
    List<List<Program.Script>> rounds = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      List<Integer> order = new ArrayList<>(IntStream.range(0, tasks).boxed().toList());
      Collections.shuffle(order, random);
      List<Program.Script> scripts = new ArrayList<>();
      for (int task : order.subList(0, 1 + random.nextInt(tasks))) {
        List<Call> calls = new ArrayList<>();
        for (int call = random.nextInt(MAX_CALLS); call >= 0; call--) {
          calls.add(call(random, tasks));
        }
        scripts.add(new Program.Script(task, calls));
      }
      rounds.add(scripts);
    }
    return new Program(size, tasks, rounds);
  }

  private Call call(Random random, int tasks) {
    return switch (random.nextInt(20)) {
      case 0, 1 -> Call.PAUSE;
      case 2, 3, 4 -> Call.cancel(random.nextInt(tasks));
      case 5 -> tasksEnd && random.nextBoolean() ? Call.END : Call.PAUSE;
      default -> {
        Word word = words.get(random.nextInt(words.size()));
        yield new Call(
            word.name(), word.bounds().stream().map(random::nextInt).toList(), word.waits());
      }
    };
  }
}
