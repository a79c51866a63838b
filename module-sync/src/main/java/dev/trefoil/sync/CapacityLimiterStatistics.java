package dev.trefoil.sync;

import java.util.List;

/**
 * A snapshot of a {@link CapacityLimiter}.
 *
 * <p>Source: Trio's {@code CapacityLimiterStatistics}.
 *
 * @param borrowedTokens how many tokens were lent; more than {@code totalTokens} if the total was
 *     lowered meanwhile
 * @param totalTokens how many there were
 * @param borrowers who had one each, in no particular order
 * @param tasksWaiting how many tasks waited for one
 */
public record CapacityLimiterStatistics(
    int borrowedTokens, int totalTokens, List<Object> borrowers, int tasksWaiting) {
  /** Makes the list unmodifiable. */
  public CapacityLimiterStatistics {
    borrowers = List.copyOf(borrowers);
  }
}
