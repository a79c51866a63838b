package dev.trefoil.tests.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of rows tells the truth. */
class RowReportTest {

  @Test
  void addsUpTheRunsAndListsWhatIsMissing(@TempDir Path directory) throws Exception {
    RowReport report = new RowReport(directory);
    report.save("one", Map.of(new Proof("R25", "a.B.c"), new Tally(2, 0, 0)));
    report.save("two", Map.of(new Proof("R25", "a.B.c"), new Tally(1, 0, 1)));
    report.save("three", Map.of(new Proof("R26", "a.B.d"), new Tally(1, 1, 0)));
    report.write();
    assertThat(Files.readAllLines(directory.resolve("rows.md")))
        .contains("1 of 290 rows have a test that passed.")
        .anyMatch(line -> line.matches("\\| R25 \\| .* \\| `B.c` 3 passed, 1 skipped \\|"))
        .anyMatch(line -> line.matches("\\| R26 \\| .* \\| `B.d` 1 passed, 1 FAILED \\|"))
        .anyMatch(line -> line.matches("- R27 .*"))
        .noneMatch(line -> line.matches("- R25 .*"));
  }
}
