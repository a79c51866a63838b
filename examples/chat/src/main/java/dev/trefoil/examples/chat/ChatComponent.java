package dev.trefoil.examples.chat;

import dev.trefoil.hazmat.KernelProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The chat server as a component of an OSGi container. It is there as long as there are a
 * configuration {@value #PID} and a kernel; when it goes, so do its thread, its tasks and its
 * sockets.
 */
@Component(
    name = ChatComponent.PID,
    service = {},
    configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ChatComponent {
  static final String PID = "dev.trefoil.examples.chat";

  /** What can be configured. */
  public @interface Configuration {
    /**
     * Where to listen.
     *
     * @return the name or address of an interface
     */
    String host() default "localhost";

    /**
     * Where to listen.
     *
     * @return the port; 0 takes a free one
     */
    int port() default 5000;
  }

  private final ChatRun run;
  private final Thread thread;

  /**
   * Starts to listen and to serve, and returns when it does.
   *
   * @param kernel what the server runs on; asked for, so that the server stops before it does
   * @param configuration where to listen
   * @throws IOException if that is not possible
   */
  @Activate
  public ChatComponent(@Reference KernelProvider kernel, Configuration configuration)
      throws IOException {
    InetSocketAddress address = new InetSocketAddress(configuration.host(), configuration.port());
    run = new ChatRun(ChatServer.listen(address, ChatLimits.DEFAULT, System.out::println));
    thread = Thread.ofPlatform().name("chat").start(run);
    run.awaitBegin();
  }

  /**
   * Stops, and returns when everything is closed.
   *
   * @throws InterruptedException if interrupted, in which case it goes on stopping
   */
  @Deactivate
  public void stop() throws InterruptedException {
    run.stop();
    thread.join();
  }
}
