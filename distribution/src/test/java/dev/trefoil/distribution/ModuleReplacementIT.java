package dev.trefoil.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;

/**
 * In a running container module-queues is replaced by a later build. A bundle that uses module-sync
 * goes on all the while; one that uses queues has the later build afterwards, and nothing of the
 * earlier one is left.
 */
class ModuleReplacementIT {
  private static final String PACKAGE = "dev.trefoil.queues";

  /** So many that a run that has been stopped does not get there. */
  private static final int SOME_COUNTS = 20;

  @TempDir Path scratch;
  private final List<String> reports = new CopyOnWriteArrayList<>();
  private FelixContainer felix;
  private Bundle queues;
  private Bundle postbox;
  private LongSupplier counter;
  private Map<Bundle, BundleWiring> wiringsAtFirst;
  private WatchedReplacement watch;

  private void start(String backend) throws Exception {
    felix =
        FelixContainer.start(
            ChatProgramContract.distribution("trefoil-felix"),
            scratch,
            0,
            Map.of("trefoil.test.backend", backend));
    BundleContext context = felix.context();
    context.registerService(
        Consumer.class,
        (Consumer<String>) reports::add,
        FrameworkUtil.asDictionary(Map.of("reports", "postbox")));
    felix.install(UserBundle.COUNTER.jar());
    postbox = felix.install(UserBundle.POSTBOX.jar());
    queues = felix.bundle(PACKAGE);
    // It begins at some time, and then loads classes; see Postbox for what comes of that in Felix.
    felix.bundle("dev.trefoil.examples.chat").uninstall();
    felix.startAll();
    counter = context.getService(context.getServiceReference(LongSupplier.class));
    wiringsAtFirst =
        felix.bundles().stream()
            .collect(Collectors.toMap(Function.identity(), ModuleReplacementIT::wiring));
    assertTasksOfPostboxWait();
    assertThat(pile()).isNotEqualTo(LaterBuild.PILE);
    assertThat(felix.whatARefreshTouches(queues)).containsExactlyInAnyOrder(queues, postbox);
    watch = new WatchedReplacement();
    context.addBundleListener(watch);
  }

  @AfterEach
  void stopFelix() throws Exception {
    felix.stop();
  }

  @ParameterizedTest
  @CsvSource({
    "CONTINUATION, 0.1.1, 0.1.0",
    "VIRTUAL_THREAD, 0.1.1, 0.1.0",
    "CONTINUATION, 0.2.0, 0.2.0"
  })
  void whoUsesTheReplacedModuleIsStoppedBeforeAndNobodyElseNotices(
      String backend, String bundleVersion, String packageVersion) throws Exception {
    start(backend);
    List<WeakReference<?>> earlier = earlierClasses();

    postbox.stop();
    assertTasksOfPostboxHaveEnded();
    update(laterBuild(bundleVersion, packageVersion));
    felix.refresh(queues);
    reports.clear();
    postbox.start();

    assertPostboxUsesLaterBuild(bundleVersion, packageVersion);
    assertNobodyElseHasNoticed();
    assertCollected(earlier);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CONTINUATION", "VIRTUAL_THREAD"})
  void whoUsesTheReplacedModuleKeepsTheEarlierClassesUntilRefreshStopsAndStartsIt(String backend)
      throws Exception {
    start(backend);
    List<WeakReference<?>> earlier = earlierClasses();

    update(laterBuild("0.1.1", "0.1.0"));

    assertThat(queues.getVersion()).isEqualTo(new Version("0.1.1"));
    assertThat(postbox.getState()).isEqualTo(Bundle.ACTIVE);
    assertThat(pile()).isNotEqualTo(LaterBuild.PILE);
    assertTasksOfPostboxWait();
    watch.onStopped(
        postbox,
        () -> {
          assertTasksOfPostboxHaveEnded();
          reports.clear();
        });

    felix.refresh(queues);

    assertPostboxUsesLaterBuild("0.1.1", "0.1.0");
    assertNobodyElseHasNoticed();
    assertCollected(earlier);
  }

  @ParameterizedTest
  @ValueSource(strings = "CONTINUATION")
  void whoCannotUseTheLaterBuildStaysStoppedUntilTheEarlierOneIsBack(String backend)
      throws Exception {
    start(backend);

    update(laterBuild("1.0.0", "1.0.0"));
    felix.refresh(queues);

    assertTasksOfPostboxHaveEnded();
    assertThat(queues.getState()).isEqualTo(Bundle.ACTIVE);
    assertThat(postbox.getState()).isEqualTo(Bundle.INSTALLED);

    reports.clear();
    update(LaterBuild.delivered());
    felix.refresh(queues);
    postbox.start();

    assertTasksOfPostboxWait();
    assertThat(pile()).isNotEqualTo(LaterBuild.PILE);
    assertNobodyElseHasNoticed();
  }

  /** The later build is asked for by what it says, and by what the framework says of it. */
  private void assertPostboxUsesLaterBuild(String bundleVersion, String packageVersion) {
    assertThat(postbox.getState()).isEqualTo(Bundle.ACTIVE);
    assertThat(pile()).isEqualTo(LaterBuild.PILE);
    assertTasksOfPostboxWait();
    assertThat(queues.getVersion()).isEqualTo(new Version(bundleVersion));
    BundleWire wire =
        wiring(postbox).getRequiredWires(PackageNamespace.PACKAGE_NAMESPACE).stream()
            .filter(
                candidate ->
                    PACKAGE.equals(
                        candidate
                            .getCapability()
                            .getAttributes()
                            .get(PackageNamespace.PACKAGE_NAMESPACE)))
            .findFirst()
            .orElseThrow();
    assertThat(wire.getProviderWiring()).isSameAs(wiring(queues));
    assertThat(
            wire.getCapability().getAttributes().get(PackageNamespace.CAPABILITY_VERSION_ATTRIBUTE))
        .isEqualTo(new Version(packageVersion));
  }

  private void assertNobodyElseHasNoticed() {
    awaitMoreCounts();
    assertThat(watch.failures).isEmpty();
    assertThat(watch.touched).containsExactlyInAnyOrder(queues, postbox);
    wiringsAtFirst.forEach(
        (bundle, wiring) -> {
          if (bundle != queues && bundle != postbox) {
            assertThat(wiring(bundle)).as("%s", bundle).isSameAs(wiring);
          }
        });
  }

  /** What keeps one of these keeps all that the earlier build has loaded. */
  private List<WeakReference<?>> earlierClasses() throws ClassNotFoundException {
    return List.of(
        new WeakReference<>(queues.loadClass(PACKAGE + ".Queue")),
        new WeakReference<>(wiring(queues).getClassLoader()),
        new WeakReference<>(wiring(postbox).getClassLoader()));
  }

  private void assertCollected(List<WeakReference<?>> earlier) {
    wiringsAtFirst = Map.of();
    for (WeakReference<?> reference : earlier) {
      Garbage.awaitCollected(reference, "what was loaded from the earlier build");
    }
    awaitMoreCounts();
  }

  private void assertTasksOfPostboxWait() {
    assertThat(reports).isNotEmpty().allMatch(report -> report.endsWith(" begins"));
    assertThat(reports).anyMatch(report -> report.startsWith("own: get"));
    assertThat(reports).anyMatch(report -> report.startsWith("guest: get"));
  }

  private void assertTasksOfPostboxHaveEnded() {
    assertThat(reportsOf(" ends")).isNotEmpty().isEqualTo(reportsOf(" begins"));
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().equals("postbox"));
  }

  private Set<String> reportsOf(String ending) {
    return reports.stream()
        .filter(report -> report.endsWith(ending))
        .map(report -> report.substring(0, report.length() - ending.length()))
        .collect(Collectors.toSet());
  }

  /** What a queue says to the postbox of itself. */
  private String pile() {
    BundleContext context = felix.context();
    return (String) context.getService(context.getServiceReference(Supplier.class)).get();
  }

  private void awaitMoreCounts() {
    long enough = counter.getAsLong() + SOME_COUNTS;
    Instant deadline = Instant.now().plus(Hang.GUARD);
    while (counter.getAsLong() < enough) {
      assertThat(Instant.now()).as("still counts").isBefore(deadline);
      Thread.yield();
    }
  }

  private void update(Path jar) throws IOException, BundleException {
    try (InputStream content = Files.newInputStream(jar)) {
      queues.update(content);
    }
  }

  private Path laterBuild(String bundleVersion, String packageVersion) throws IOException {
    return LaterBuild.of(bundleVersion, packageVersion, scratch.resolve("later.jar"));
  }

  private static BundleWiring wiring(Bundle bundle) {
    return bundle.adapt(BundleWiring.class);
  }

  /** Stops the container at every step of the replacement, until the counter has gone on. */
  private final class WatchedReplacement implements SynchronousBundleListener {
    private final Set<Bundle> touched = ConcurrentHashMap.newKeySet();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private volatile Bundle awaited;
    private volatile Runnable then;

    /** Does something between the end of a bundle and its next beginning. */
    void onStopped(Bundle bundle, Runnable action) {
      then = action;
      awaited = bundle;
    }

    @Override
    public void bundleChanged(BundleEvent event) {
      touched.add(event.getBundle());
      try {
        awaitMoreCounts();
        if (event.getType() == BundleEvent.STOPPED && event.getBundle() == awaited) {
          then.run();
        }
      } catch (Throwable failure) {
        failures.add(failure);
      }
    }
  }
}
