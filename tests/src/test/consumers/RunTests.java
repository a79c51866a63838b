import static org.junit.platform.engine.discovery.DiscoverySelectors.selectModule;

import java.io.PrintWriter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs the tests of a module that is named, as a build tool would. */
void main(String[] args) {
  SummaryGeneratingListener listener = new SummaryGeneratingListener();
  LauncherFactory.create()
      .execute(
          LauncherDiscoveryRequestBuilder.request()
              .selectors(selectModule(args[0]))
              .forExecution()
              .listeners(listener)
              .build());
  listener.getSummary().printFailuresTo(new PrintWriter(System.out, true));
  IO.println("passed: " + listener.getSummary().getTestsSucceededCount());
}
