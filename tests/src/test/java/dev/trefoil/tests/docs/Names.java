package dev.trefoil.tests.docs;

import dev.trefoil.hazmat.Body;
import dev.trefoil.queues.MemoryReceiveChannel;
import dev.trefoil.queues.MemorySendChannel;
import dev.trefoil.queues.Queue;
import dev.trefoil.queues.UniversalQueue;
import dev.trefoil.sync.Lock;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.tasks.TaskStatus;
import java.awt.Image;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
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
  protected static final Path root = null;
  protected static final byte[] record = null;
  protected static final Iterable<String> rowsOfOneThread = null;
  protected static final BlockingQueue<String> inbox = null;
  protected static final BlockingQueue<String> outbox = null;
  protected static final Process process = null;
  protected static final JLabel status = null;
  protected static final JButton stopButton = null;

  protected static final List<URI> sites = null;
  protected static final String word = null;
  protected static final MemoryReceiveChannel<Order> orders = null;
  protected static final MemorySendChannel<String> replies = null;
  protected static final String reply = null;
  protected static final MemoryReceiveChannel<String> commands = null;
  protected static final MemoryReceiveChannel<String> left = null;
  protected static final MemoryReceiveChannel<String> right = null;
  protected static final List<String> merged = null;
  protected static final Queue<Job> queue = null;
  protected static final Queue<Double> samples = null;
  protected static final UniversalQueue<Job> jobs = null;
  protected static final Job job = null;
  protected static final Device device = null;
  protected static final Selector selector = null;
  protected static int taken;

  protected static final Path path = null;
  protected static final List<Path> files = null;
  protected static final MemorySendChannel<String> lines = null;
  protected static final String host = null;
  protected static final int id = 1;
  protected static final Listener listener = null;
  protected static final BufferedReader reader = null;
  protected static final Driver driver = null;
  protected static final Flow.Publisher<Row> publisher = null;
  protected static final Flow.Subscriber<Row> subscriber = null;

  protected record Order() {}

  protected record Row(int id) {}

  protected interface Driver {
    CompletableFuture<Row> query(int id);
  }

  protected interface Listener {
    void onMessage(Receiver receiver);
  }

  protected interface Receiver {
    void accept(String message) throws Exception;
  }

  protected record Job(int urgency) {}

  protected record Page(String text) {
    boolean holds(String words) {
      return text.contains(words);
    }
  }

  protected interface Connection extends AutoCloseable {
    Page fetch(int number) throws IOException;

    @Override
    void close() throws IOException;
  }

  protected record Question() {}

  protected record Reply() {}

  protected interface Pending {
    void drop();
  }

  protected interface Server {
    Pending ask(Question question, java.util.function.Consumer<Reply> callback);
  }

  protected interface Device {
    double read();

    void onReading(Consumer<Double> listener);
  }

  protected static Connection connect() throws IOException {
    throw new IOException("nobody answers");
  }

  protected static List<Order> read() {
    return List.of();
  }

  protected static void ship(Order order) {}

  protected static void crawl(URI site, MemorySendChannel<Page> found) {
    found.send(new Page(site.toString()));
  }

  protected static void index(Page page) {}

  protected static void index(Path file) {}

  protected static void print(String message) {}

  protected static long countPrimes(int limit) {
    return limit;
  }

  protected static String parse(String file) {
    return file;
  }

  protected static Row query(int id) {
    return new Row(id);
  }

  protected static void worker(UniversalQueue<Job> from) {}

  protected static void drain(UniversalQueue<Job> from) {}

  protected static void execute(String command) {}

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

  protected static void index(String text) {}

  protected static void visit(Path file) {}

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
