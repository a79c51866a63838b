package dev.trefoil.tests.docs;

import dev.trefoil.hazmat.Body;
import dev.trefoil.sync.Lock;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskStatus;
import java.awt.Image;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.swing.JButton;
import javax.swing.JLabel;

/** What the fragments in the guides take for granted: names whose meaning is plain to a reader. */
abstract class Names {
  protected static final URI url = null;
  protected static final URI first = null;
  protected static final URI second = null;
  protected static final URI server = null;
  protected static final URI[] urls = null;
  protected static final Nursery nursery = null;
  protected static final CancelScope scope = null;
  protected static final Body<String, Exception> main = null;
  protected static final Lock lock = null;
  protected static final int amount = 100;
  protected static final JLabel status = null;
  protected static final JButton stopButton = null;

  protected static Path download(URI from) throws IOException {
    throw new IOException("not there: " + from);
  }

  protected static Image downloadImage(URI from) throws IOException {
    return ImageIO.read(download(from).toFile());
  }

  protected static byte[] fetch(URI from) throws IOException {
    return Files.readAllBytes(download(from));
  }

  protected static String retrying(URI with) throws IOException {
    return Files.readString(download(with));
  }

  protected static Path cached(URI from) {
    return Path.of(from);
  }

  protected static void reload() {}

  protected static int loadBalance() {
    return 0;
  }

  protected static void storeBalance(int balance) {}

  protected static void transfer(int money) {}

  protected static void show(Object what) {}

  protected static void log(Object what) {}

  protected static void retryLater(Object what) {}

  protected static void sayGoodbye() {}

  protected static void handle(Object what) {}

  protected static void serve() {}

  protected static void serve(TaskStatus<Integer> status) {
    status.started(5000);
  }
}
