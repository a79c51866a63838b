package dev.trefoil.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.wiring.FrameworkWiring;

/** Felix in this JVM, with the bundles of the distribution, none of which runs yet. */
final class FelixContainer {
  private final Framework framework;

  private FelixContainer(Framework framework) {
    this.framework = framework;
  }

  /**
   * Starts Felix and installs the bundles, all but the shell, which would read the build's input.
   *
   * @param distribution the folder of the Felix distribution
   * @param scratch where Felix may write
   * @param chatPort the port in the chat server's configuration
   * @param properties what bundles can ask for, apart from what is delivered
   */
  static FelixContainer start(
      Path distribution, Path scratch, int chatPort, Map<String, String> properties)
      throws IOException, BundleException {
    Path configuration = scratch.resolve("configuration/dev/trefoil/examples/chat.config");
    Files.createDirectories(configuration.getParent());
    Files.writeString(
        configuration, "service.pid=\"dev.trefoil.examples.chat\"\nport=\"" + chatPort + "\"\n");
    FrameworkFactory factory = ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow();
    Properties delivered = new Properties();
    try (Reader file = Files.newBufferedReader(distribution.resolve("conf/config.properties"))) {
      delivered.load(file);
    }
    Map<String, String> all = new HashMap<>(properties);
    all.put(
        Constants.FRAMEWORK_BOOTDELEGATION,
        delivered.getProperty(Constants.FRAMEWORK_BOOTDELEGATION));
    all.put(Constants.FRAMEWORK_STORAGE, scratch.resolve("cache").toString());
    all.put("felix.cm.dir", scratch.resolve("configuration").toString());
    Framework framework = factory.newFramework(all);
    framework.start();
    FelixContainer felix = new FelixContainer(framework);
    for (String folder : List.of("bundle", "programs")) {
      try (Stream<Path> jars = Files.list(distribution.resolve(folder))) {
        for (Path jar : jars.sorted().toList()) {
          felix.install(jar);
        }
      }
    }
    return felix;
  }

  /** Installs one more bundle. */
  Bundle install(Path jar) throws BundleException {
    return context().installBundle(jar.toUri().toString());
  }

  /** Starts every bundle, in the order of their names. */
  void startAll() throws BundleException {
    for (Bundle bundle : bundles()) {
      bundle.start();
    }
  }

  BundleContext context() {
    return framework.getBundleContext();
  }

  List<Bundle> bundles() {
    return List.of(context().getBundles());
  }

  Bundle bundle(String symbolicName) {
    return bundles().stream()
        .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()))
        .findFirst()
        .orElseThrow();
  }

  /** The bundles that a refresh of this one stops, and starts again. */
  Collection<Bundle> whatARefreshTouches(Bundle bundle) {
    return framework.adapt(FrameworkWiring.class).getDependencyClosure(List.of(bundle));
  }

  /** Makes the framework let go of the classes that a bundle had before it was updated or uninstalled. */
  void refresh(Bundle bundle) throws InterruptedException {
    CountDownLatch refreshed = new CountDownLatch(1);
    framework
        .adapt(FrameworkWiring.class)
        .refreshBundles(
            List.of(bundle),
            event -> {
              if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                refreshed.countDown();
              }
            });
    assertThat(refreshed.await(Hang.GUARD.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  void stop() throws BundleException, InterruptedException {
    framework.stop();
    assertThat(framework.waitForStop(Hang.GUARD.toMillis()).getType())
        .isEqualTo(FrameworkEvent.STOPPED);
  }
}
