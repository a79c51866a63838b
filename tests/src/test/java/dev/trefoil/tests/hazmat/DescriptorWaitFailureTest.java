package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelError;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.Trefoil;
import dev.trefoil.testing.Testing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Native code that breaks what a run waits for descriptors with. */
@EnabledOnOs(OS.LINUX)
@Timeout(60)
final class DescriptorWaitFailureTest {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private final List<Throwable> errors = new ArrayList<>();
  @AutoClose private final NativeSockets sockets = NativeSockets.open();

  private static Set<Integer> epolls() throws IOException {
    Set<Integer> found = new TreeSet<>();
    try (Stream<Path> all = Files.list(DESCRIPTORS)) {
      for (Path each : all.toList()) {
        if (Files.exists(each, LinkOption.NOFOLLOW_LINKS)
            && Files.readSymbolicLink(each).toString().contains("eventpoll")) {
          found.add(Integer.valueOf(each.getFileName().toString()));
        }
      }
    }
    return found;
  }

  private void waitAndKeepTheError(int fd) {
    errors.add(catchThrowable(() -> Hazmat.waitReadable(fd)));
  }

  @EveryBackend
  @Tag("R3")
  @Tag("R50")
  void whoWaitsWhenWaitingBreaksGetsAnErrorEvenInAShieldAndTheRunEndsWithIt(RunOptions options) {
    Throwable ofRun =
        catchThrowable(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      Set<Integer> before = epolls();
                      Nursery.open(
                          nursery -> {
                            nursery.spawn(
                                () ->
                                    CancelScope.create()
                                        .shielded()
                                        .run(() -> waitAndKeepTheError(sockets.left)));
                            Testing.waitAllTasksBlocked();
                            for (int epoll : epolls()) {
                              if (!before.contains(epoll)) {
                                NativeSockets.replace(epoll, sockets.left);
                              }
                            }
                            // Makes the run look at what has become of its descriptors.
                            nursery.spawn(() -> waitAndKeepTheError(sockets.right));
                          });
                    }));
    assertThat(errors).hasSize(2);
    assertThat(errors.getFirst())
        .as("of the second")
        .isInstanceOfAny(KernelError.class, UncheckedIOException.class);
    assertThat(errors.getLast())
        .as("of the shielded")
        .isInstanceOf(KernelError.class)
        .hasMessageContainingAll("file descriptors", "run-", "epoll_")
        .hasRootCauseInstanceOf(IOException.class);
    assertThat(ofRun)
        .isInstanceOf(KernelError.class)
        .hasMessageContainingAll("file descriptors", "epoll_");
  }

  /** Of the new ones, that which the helper thread sleeps in: it watches the other. */
  private static int sleptIn(Set<Integer> before) throws IOException {
    Set<Integer> ours = epolls();
    ours.removeAll(before);
    for (int candidate : ours) {
      String info = Files.readString(Path.of("/proc/self/fdinfo/" + candidate));
      for (int watched : ours) {
        if (Pattern.compile("tfd: +" + watched + " ").matcher(info).find()) {
          return candidate;
        }
      }
    }
    throw new AssertionError("no epoll watches another among " + ours);
  }

  @EveryBackend
  @Tag("R3")
  @Tag("R50")
  void whoWaitsWhenTheHelperThreadDiesGetsAnErrorEvenInAShieldAndTheRunEndsWithIt(
      RunOptions options) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    // The helper has to wake the run only if that sleeps; sooner or later it does.
    Thread sender =
        new Thread(
            () -> {
              while (!over.get()) {
                NativeSockets.write(sockets.right);
                LockSupport.parkNanos(10_000_000);
              }
            });
    Throwable ofRun =
        catchThrowable(
            () ->
                Trefoil.run(
                    options,
                    () -> {
                      Set<Integer> before = epolls();
                      Nursery.open(
                          nursery -> {
                            nursery.spawn(
                                () ->
                                    CancelScope.create()
                                        .shielded()
                                        .run(() -> waitAndKeepTheError(sockets.right)));
                            // So that on no backend the loop sleeps in epoll itself.
                            nursery.spawn(() -> Hazmat.waitSocketReadable(pipe.source()));
                            nursery.spawn(
                                () -> {
                                  while (true) {
                                    Hazmat.waitReadable(sockets.left);
                                    NativeSockets.drain(sockets.left);
                                  }
                                });
                            Testing.waitAllTasksBlocked();
                            NativeSockets.replace(sleptIn(before), sockets.left);
                            sender.start();
                          });
                    }));
    over.set(true);
    sender.join();
    pipe.sink().close();
    pipe.source().close();
    assertThat(errors)
        .singleElement()
        .isInstanceOfSatisfying(
            KernelError.class,
            error -> assertThat(error).hasMessageContainingAll("file descriptors", "epoll_"));
    assertThat(ofRun)
        .isInstanceOf(KernelError.class)
        .hasMessageContainingAll("file descriptors", "epoll_");
  }
}
