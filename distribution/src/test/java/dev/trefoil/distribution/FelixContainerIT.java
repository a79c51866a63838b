package dev.trefoil.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.wiring.BundleWiring;

/** In a container, modules come and go while the process lives on. */
class FelixContainerIT {
  private static final String CHAT = "dev.trefoil.examples.chat";
  private static final String KERNEL = "dev.trefoil.kernel";
  private static final String KERNEL_SERVICE = "dev.trefoil.hazmat.KernelProvider";

  @TempDir Path scratch;
  private FelixContainer felix;
  private int port;

  @BeforeEach
  void startFelix() throws Exception {
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    felix =
        FelixContainer.start(
            ChatProgramContract.distribution("trefoil-felix"), scratch, port, Map.of());
  }

  @AfterEach
  void stopFelix() throws Exception {
    felix.stop();
    assertThat(threadsOfOurs()).isEmpty();
  }

  @Test
  void kernelIsServiceAndChatRunsOnIt() throws Exception {
    felix.startAll();

    assertThat(felix.bundles()).allMatch(bundle -> bundle.getState() == Bundle.ACTIVE);
    assertThat(felix.context().getServiceReference(KERNEL_SERVICE).getBundle())
        .isEqualTo(felix.bundle(KERNEL));
    try (ChatPeer ada = ChatPeer.join(port, "ada");
        ChatPeer bob = ChatPeer.join(port, "bob")) {
      assertThat(ada.hear()).isEqualTo("* bob joins");
      bob.say("hello");
      assertThat(ada.hear()).isEqualTo("bob: hello");
    }
  }

  @Test
  void stoppedChatBundleLeavesNoThreadAndNoSocketAndStartsAnew() throws Exception {
    felix.startAll();
    Bundle chat = felix.bundle(CHAT);
    for (int round = 0; round < 3; round++) {
      try (ChatPeer ada = ChatPeer.join(port, "ada");
          ChatPeer silent = ChatPeer.joinWithSmallBuffer(port, "silent")) {
        assertThat(ada.hear()).isEqualTo("* silent joins");

        chat.stop();

        assertThat(threadsOfOurs()).isEmpty();
        assertThat(ada.hear()).isEqualTo("* the chat closes");
        assertThat(ada.hear()).isNull();
        assertThat(silent.hear()).isEqualTo("* the chat closes");
        assertThat(silent.hear()).isNull();
        assertThatThrownBy(() -> ChatPeer.join(port, "late")).isInstanceOf(ConnectException.class);
      }
      chat.start();
    }
    ChatPeer.join(port, "back").close();
  }

  @Test
  void uninstalledChatBundleLeavesNoClass() throws Exception {
    felix.startAll();
    ChatPeer.join(port, "ada").close();
    Bundle chat = felix.bundle(CHAT);
    WeakReference<ClassLoader> classes =
        new WeakReference<>(chat.adapt(BundleWiring.class).getClassLoader());

    chat.uninstall();
    felix.refresh(chat);

    Garbage.awaitCollected(classes, "class loader of the uninstalled bundle");
  }

  @Test
  void chatGoesAndComesWithTheKernel() throws Exception {
    felix.startAll();
    try (ChatPeer ada = ChatPeer.join(port, "ada")) {
      felix.bundle(KERNEL).stop();

      assertThat(threadsOfOurs()).isEmpty();
      assertThat(ada.hear()).isEqualTo("* the chat closes");
    }
    assertThatThrownBy(() -> ChatPeer.join(port, "late")).isInstanceOf(ConnectException.class);

    felix.bundle(KERNEL).start();

    ChatPeer.join(port, "back").close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev.trefoil.hazmat", KERNEL, "dev.trefoil.tasks"})
  void chatComesBackOnALaterBuildOfWhatItStandsOn(String module) throws Exception {
    felix.startAll();
    Bundle replaced = felix.bundle(module);
    try (ChatPeer ada = ChatPeer.join(port, "ada")) {
      try (InputStream build = URI.create(replaced.getLocation()).toURL().openStream()) {
        replaced.update(build);
      }
      felix.refresh(replaced);

      assertThat(ada.hear()).isEqualTo("* the chat closes");
    }
    ChatPeer.join(port, "back").close();
  }

  @Test
  void moduleThatIsThereForItsClassesOnlyNeedNotBeStarted() throws Exception {
    felix.startAll();
    Bundle chat = felix.bundle(CHAT);
    chat.stop();
    felix.bundle("dev.trefoil.hazmat").stop();

    chat.start();

    ChatPeer.join(port, "ada").close();
  }

  @Test
  void chatThatCannotListenSaysSoInOneLineAndTriesAgainWhenItIsRestarted() throws Exception {
    PrintStream error = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getByName("localhost"))) {
      System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
      felix.startAll();
      assertThat(said.toString(StandardCharsets.UTF_8).lines())
          .singleElement()
          .asString()
          .startsWith("chat: cannot listen on localhost port " + taken.getLocalPort() + ": ");
    } finally {
      System.setErr(error);
    }
    assertThat(threadsOfOurs()).isEmpty();
    assertThat(felix.bundles()).allMatch(bundle -> bundle.getState() == Bundle.ACTIVE);

    felix.bundle(CHAT).stop();
    felix.bundle(CHAT).start();

    ChatPeer.join(port, "ada").close();
  }

  @Test
  void runIsRecordedByTheFlightRecorder() throws Exception {
    felix.startAll();
    Bundle jfr = felix.bundle("dev.trefoil.jfr");
    Object instrument =
        jfr.loadClass("dev.trefoil.jfr.FlightRecorderInstrument").getConstructor().newInstance();
    Bundle tasks = felix.bundle("dev.trefoil.tasks");
    Class<?> optionsType = tasks.loadClass("dev.trefoil.hazmat.RunOptions");
    Class<?> instrumentType = tasks.loadClass("dev.trefoil.hazmat.Instrument");
    Object options =
        optionsType
            .getMethod("withInstrument", instrumentType)
            .invoke(optionsType.getMethod("defaults").invoke(null), instrument);
    Class<?> body = tasks.loadClass("dev.trefoil.hazmat.Body");
    Object nothing =
        Proxy.newProxyInstance(
            body.getClassLoader(), new Class<?>[] {body}, (proxy, method, args) -> null);
    Path file = scratch.resolve("run.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("dev.trefoil.TaskExited");
      recording.start();

      tasks
          .loadClass("dev.trefoil.tasks.Trefoil")
          .getMethod("run", optionsType, body)
          .invoke(null, options, nothing);

      recording.dump(file);
    }
    assertThat(RecordingFile.readAllEvents(file))
        .filteredOn(event -> event.getEventType().getName().equals("dev.trefoil.TaskExited"))
        .anyMatch(event -> event.getString("taskName").equals("main"));
  }

  @Test
  void kernelIsFoundAsSoonAsItIsServiceWhoeverRegistersIt() throws Exception {
    Bundle hazmat = felix.bundle("dev.trefoil.hazmat");
    hazmat.start();
    Class<?> provider = hazmat.loadClass(KERNEL_SERVICE);
    Object kernel =
        Proxy.newProxyInstance(
            provider.getClassLoader(), new Class<?>[] {provider}, (proxy, method, args) -> null);

    ServiceRegistration<?> service =
        hazmat.getBundleContext().registerService(KERNEL_SERVICE, kernel, null);

    assertThat(provider.getMethod("find").invoke(null)).isSameAs(kernel);
    service.unregister();
    assertThatThrownBy(() -> provider.getMethod("find").invoke(null))
        .cause()
        .hasMessageContaining("No kernel found");
  }

  @Test
  void runStartsInContainerFromAnyBundle() throws Exception {
    felix.startAll();
    Bundle tasks = felix.bundle("dev.trefoil.tasks");
    Class<?> body = tasks.loadClass("dev.trefoil.hazmat.Body");
    Object answer =
        Proxy.newProxyInstance(
            body.getClassLoader(), new Class<?>[] {body}, (proxy, method, args) -> "ran");

    Object result =
        tasks.loadClass("dev.trefoil.tasks.Trefoil").getMethod("run", body).invoke(null, answer);

    assertThat(result).isEqualTo("ran");
  }

  @Test
  void workerProcessesAreRefusedSinceTheySeeNoBundles() throws Exception {
    felix.startAll();
    Bundle threads = felix.bundle("dev.trefoil.threads");
    Class<?> bodyType = threads.loadClass("dev.trefoil.hazmat.Body");
    Class<?> remoteType = threads.loadClass("dev.trefoil.threads.ProcessBody");
    Object nothing =
        Proxy.newProxyInstance(
            remoteType.getClassLoader(),
            new Class<?>[] {remoteType},
            (proxy, method, args) -> null);
    Method runInProcess =
        threads.loadClass("dev.trefoil.threads.ToProcess").getMethod("runInProcess", remoteType);
    Object body =
        Proxy.newProxyInstance(
            bodyType.getClassLoader(),
            new Class<?>[] {bodyType},
            (proxy, method, args) -> runInProcess.invoke(null, nothing));
    Method run = threads.loadClass("dev.trefoil.tasks.Trefoil").getMethod("run", bodyType);

    assertThatThrownBy(() -> run.invoke(null, body))
        .rootCause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("class path", "OSGi", "dev.trefoil.threads", "ToThread");
  }

  @Test
  void runWithoutKernelSaysWhichBundleToStart() throws Exception {
    felix.startAll();
    felix.bundle(KERNEL).stop();
    Class<?> provider = felix.bundle("dev.trefoil.hazmat").loadClass(KERNEL_SERVICE);

    assertThatThrownBy(() -> provider.getMethod("find").invoke(null))
        .cause()
        .hasMessageContainingAll("No kernel found", "start the bundle", KERNEL, "reference");
  }

  /** Threads that still run, after those that were already ending have had the time to. */
  private static List<Thread> threadsOfOurs() throws InterruptedException {
    List<Thread> alive = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("trefoil") || thread.getName().startsWith("chat")) {
        if (!thread.join(Duration.ofSeconds(5))) {
          alive.add(thread);
        }
      }
    }
    return alive;
  }
}
