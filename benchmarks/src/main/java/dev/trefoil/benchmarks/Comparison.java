package dev.trefoil.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** All rounds of one job: who took how much, and how Trefoil stands to each peer. */
final class Comparison {
  static final String OURS = "trefoil";
  static final String PORTABLE = "trefoilPortable";

  /** What the portable backend is held against, since it is made of them, and how much it may add. */
  private static final String STUFF_OF_PORTABLE = "virtualThreads";

  private static final double SHARE_OF_PORTABLE = 1.5;

  final String job;
  private final Map<String, List<Measurement>> rounds;
  private final List<Target> targets;
  private final ToDoubleFunction<Measurement> compared;

  Comparison(String job, Map<String, List<Measurement>> rounds, List<Target> targets) {
    this.job = job;
    this.rounds = rounds;
    this.targets = targets;
    this.compared = isByProcessorTime() ? Measurement::processorNanos : Measurement::value;
  }

  /** Whether the time of the processor is compared, which is then true of the whole job. */
  private boolean isByProcessorTime() {
    return targets.stream().anyMatch(Target::byProcessorTime);
  }

  /** What is compared. */
  double comparedValue(String contender) {
    return median(contender, compared);
  }

  String comparedFigure(String contender) {
    return isByProcessorTime() ? processorTime(contender) : figure(contender);
  }

  /** Ours first, then by their names. */
  List<String> contenders() {
    List<String> ours = new ArrayList<>();
    List<String> peers = new ArrayList<>();
    for (String contender : rounds.keySet()) {
      (isOurs(contender) ? ours : peers).add(contender);
    }
    ours.sort(null);
    peers.sort(null);
    ours.addAll(peers);
    return ours;
  }

  static boolean isOurs(String contender) {
    return contender.startsWith(OURS);
  }

  double value(String contender) {
    return median(contender, Measurement::value);
  }

  String figure(String contender) {
    return unit().format(value(contender));
  }

  String processorTime(String contender) {
    double nanos = median(contender, Measurement::processorNanos);
    return Double.isNaN(nanos) ? "" : Unit.NANOSECONDS.format(nanos);
  }

  String allocated(String contender) {
    double bytes = median(contender, Measurement::allocated);
    return Double.isNaN(bytes) ? "" : Unit.BYTES.format(bytes);
  }

  /** What a reader has to know of the figures to compare them. */
  String direction() {
    return unit() == Unit.PER_SECOND
        ? " (more is better)"
        : isByProcessorTime() ? ", time of the processor (less is better)" : " (less is better)";
  }

  private Unit unit() {
    return rounds.values().iterator().next().getFirst().unit();
  }

  private double median(String contender, ToDoubleFunction<Measurement> part) {
    return Medians.of(of(contender).stream().mapToDouble(part).toArray());
  }

  private List<Measurement> of(String contender) {
    return rounds.getOrDefault(contender, List.of());
  }

  /** The ratio of the continuations to a peer, with what was to be reached. */
  String ratio(String peer) {
    @Nullable Target target = null;
    for (Target candidate : targets) {
      if (candidate.peer().equals(peer)) {
        target = candidate;
      }
    }
    if (isOurs(peer)) {
      return target == null ? "" : judged(value(peer), target, unit().format(target.ratio()));
    }
    return ratio(OURS, peer, target);
  }

  /** The same for the portable backend. */
  String portableRatio(String peer) {
    if (!peer.equals(STUFF_OF_PORTABLE)) {
      return "";
    }
    return ratio(
        PORTABLE, peer, new Target(peer, unit().atMost(SHARE_OF_PORTABLE), isByProcessorTime()));
  }

  private String ratio(String ours, String peer, @Nullable Target target) {
    int both = Math.min(of(ours).size(), of(peer).size());
    if (both == 0) {
      return "";
    }
    double[] ratios = new double[both];
    for (int round = 0; round < both; round++) {
      ratios[round] =
          compared.applyAsDouble(of(ours).get(round)) / compared.applyAsDouble(of(peer).get(round));
    }
    double ratio = Medians.of(ratios);
    String shown = String.format(Locale.ROOT, "%.2f", ratio);
    if (both > 1) {
      Arrays.sort(ratios);
      shown += String.format(Locale.ROOT, " (%.2f-%.2f)", ratios[0], ratios[both - 1]);
    }
    // A single round is for orientation.
    return target == null || both == 1
        ? shown
        : shown + " " + judged(ratio, target, String.format(Locale.ROOT, "%.2f", target.ratio()));
  }

  private String judged(double reached, Target target, String shown) {
    return (unit().isReached(reached, target.ratio()) ? "reached " : "MISSED ")
        + unit().comparison()
        + " "
        + shown;
  }
}
