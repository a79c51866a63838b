package dev.trefoil.sync;

import dev.trefoil.hazmat.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A set of borrowers. Most are tasks, which have a set of their own: one that, unlike a hash set, does
 * not make an object for each element.
 */
final class Borrowers {
  private final Set<Object> tasks = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Object> others = new HashSet<>();

  private Set<Object> kindOf(Object borrower) {
    return borrower instanceof Task<?> ? tasks : others;
  }

  boolean contains(Object borrower) {
    return kindOf(borrower).contains(borrower);
  }

  boolean add(Object borrower) {
    return kindOf(borrower).add(borrower);
  }

  boolean remove(Object borrower) {
    return kindOf(borrower).remove(borrower);
  }

  int size() {
    return tasks.size() + others.size();
  }

  List<Object> all() {
    List<Object> all = new ArrayList<>(tasks);
    all.addAll(others);
    return List.copyOf(all);
  }
}
