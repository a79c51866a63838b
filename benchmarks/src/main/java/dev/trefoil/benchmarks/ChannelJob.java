package dev.trefoil.benchmarks;

import com.softwaremill.jox.Channel;
import dev.trefoil.hazmat.Backend;
import dev.trefoil.queues.MemoryChannel;
import dev.trefoil.queues.Queue;
import dev.trefoil.tasks.Nursery;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Producers and consumers on one queue, in as many ways as there are contenders. */
record ChannelJob(int producers, int consumers, int items) {
  private int perProducer() {
    return items / producers;
  }

  private int perConsumer() {
    return perProducer() * producers / consumers;
  }

  private long checked(long sum) {
    return Results.require(
        producers * Items.sum(perProducer()), sum, "as the sum of what was received");
  }

  long channel(Backend backend, int capacity) {
    long[] sum = new long[1];
    Runs.on(
        backend,
        () -> {
          MemoryChannel<Integer> channel = MemoryChannel.open(capacity);
          Nursery.open(
              nursery -> {
                for (int producer = 0; producer < producers; producer++) {
                  nursery.spawn(
                      () -> {
                        for (int i = 0; i < perProducer(); i++) {
                          channel.sender().send(Items.at(i));
                        }
                      });
                }
                for (int consumer = 0; consumer < consumers; consumer++) {
                  nursery.spawn(
                      () -> {
                        long received = 0;
                        for (int i = 0; i < perConsumer(); i++) {
                          received += channel.receiver().receive();
                        }
                        sum[0] += received;
                      });
                }
              });
          return sum;
        });
    return checked(sum[0]);
  }

  long queue(Backend backend, int capacity) {
    long[] sum = new long[1];
    Runs.on(
        backend,
        () -> {
          Queue<Integer> queue = new Queue<>(capacity);
          Nursery.open(
              nursery -> {
                for (int producer = 0; producer < producers; producer++) {
                  nursery.spawn(
                      () -> {
                        for (int i = 0; i < perProducer(); i++) {
                          queue.put(Items.at(i));
                        }
                      });
                }
                for (int consumer = 0; consumer < consumers; consumer++) {
                  nursery.spawn(
                      () -> {
                        long received = 0;
                        for (int i = 0; i < perConsumer(); i++) {
                          received += queue.get();
                        }
                        sum[0] += received;
                      });
                }
              });
          return sum;
        });
    return checked(sum[0]);
  }

  long virtualThreads(BlockingQueue<Integer> queue) throws Exception {
    AtomicLong total = new AtomicLong();
    VirtualThreads threads = new VirtualThreads();
    for (int producer = 0; producer < producers; producer++) {
      threads.start(
          () -> {
            for (int i = 0; i < perProducer(); i++) {
              queue.put(Items.at(i));
            }
          });
    }
    for (int consumer = 0; consumer < consumers; consumer++) {
      threads.start(
          () -> {
            long sum = 0;
            for (int i = 0; i < perConsumer(); i++) {
              sum += queue.take();
            }
            total.addAndGet(sum);
          });
    }
    threads.join();
    return checked(total.get());
  }

  long jox(Channel<Integer> channel) throws Exception {
    AtomicLong total = new AtomicLong();
    VirtualThreads threads = new VirtualThreads();
    for (int producer = 0; producer < producers; producer++) {
      threads.start(
          () -> {
            for (int i = 0; i < perProducer(); i++) {
              channel.send(Items.at(i));
            }
          });
    }
    for (int consumer = 0; consumer < consumers; consumer++) {
      threads.start(
          () -> {
            long sum = 0;
            for (int i = 0; i < perConsumer(); i++) {
              sum += channel.receive();
            }
            total.addAndGet(sum);
          });
    }
    threads.join();
    return checked(total.get());
  }

  long kotlin(int capacity) {
    return checked(KotlinJobs.channel(capacity, producers, consumers, Items.all(), perProducer()));
  }
}
