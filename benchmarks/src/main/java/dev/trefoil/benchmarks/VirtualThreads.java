package dev.trefoil.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** Virtual threads that are started together and all waited for. */
final class VirtualThreads {
  private final List<Thread> started = new ArrayList<>();
  private final List<FutureTask<Void>> results = new ArrayList<>();

  /** What a thread does; may throw, which {@link #join()} reports. */
  interface Action {
    void run() throws Exception;
  }

  void start(Action action) {
    FutureTask<Void> result =
        new FutureTask<>(
            () -> {
              action.run();
              return null;
            });
    results.add(result);
    started.add(Thread.ofVirtual().start(result));
  }

  void join() throws Exception {
    for (Thread thread : started) {
      thread.join();
    }
    for (FutureTask<Void> result : results) {
      result.get();
    }
  }

  static <T> T run(Callable<T> main) throws Exception {
    FutureTask<T> result = new FutureTask<>(main);
    Thread.ofVirtual().start(result);
    return result.get();
  }
}
