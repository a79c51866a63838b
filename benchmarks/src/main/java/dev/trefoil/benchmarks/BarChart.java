package dev.trefoil.benchmarks;

import java.util.List;
import java.util.Locale;

/** A picture of a job: a bar for each contender, of which the longest fills the width. */
final class BarChart {
  private static final int LABELS = 190;
  private static final int BARS = 360;
  private static final int FIGURES = 110;
  private static final int LINE = 20;
  private static final int BAR = 14;
  private static final int MARGIN = 10;

  private BarChart() {}

  static String of(List<Comparison> comparisons) {
    StringBuilder body = new StringBuilder();
    int y = MARGIN;
    for (Comparison comparison : comparisons) {
      body.append(text(MARGIN, y, "job", comparison.job + comparison.direction()));
      y += LINE;
      double longest =
          comparison.contenders().stream()
              .mapToDouble(comparison::comparedValue)
              .max()
              .orElseThrow();
      for (String contender : comparison.contenders()) {
        int length =
            (int) Math.max(1, Math.round(BARS * comparison.comparedValue(contender) / longest));
        body.append(text(2 * MARGIN, y, "name", contender));
        body.append(
            String.format(
                Locale.ROOT,
                "  <rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>%n",
                Comparison.isOurs(contender) ? "ours" : "peer",
                LABELS,
                y + (LINE - BAR) / 2,
                length,
                BAR));
        body.append(text(LABELS + length + 6, y, "figure", comparison.comparedFigure(contender)));
        y += LINE;
      }
      y += MARGIN;
    }
    int width = LABELS + BARS + FIGURES;
    return String.format(
            Locale.ROOT,
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">
              <title>%s</title>
              <style>
                text { font: 12px sans-serif; fill: #24292f; }
                .job { font-weight: bold; }
                .ours { fill: #2f855a; }
                .peer { fill: #a0aec0; }
                @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .peer { fill: #6b7785; } }
              </style>
            """,
            width,
            y,
            width,
            y,
            comparisons.getFirst().job)
        + body
        + "</svg>\n";
  }

  private static String text(int x, int y, String kind, String words) {
    return String.format(
        Locale.ROOT,
        "  <text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>%n",
        kind,
        x,
        y + LINE - 6,
        words);
  }
}
