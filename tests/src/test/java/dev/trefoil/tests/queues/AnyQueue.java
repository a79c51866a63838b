package dev.trefoil.tests.queues;

import dev.trefoil.queues.Queue;
import dev.trefoil.queues.QueueStatistics;
import dev.trefoil.queues.UniversalQueue;

/** What all queues of {@link QueueContract} have in common. */
interface AnyQueue<E> {
  void put(E item) throws InterruptedException;

  void putNowait(E item);

  E get() throws InterruptedException;

  E getNowait();

  void join() throws InterruptedException;

  void taskDone();

  int size();

  int maxSize();

  boolean isEmpty();

  boolean isFull();

  QueueStatistics statistics();

  static <E> AnyQueue<E> of(Queue<E> queue) {
    return new AnyQueue<>() {
      @Override
      public void put(E item) {
        queue.put(item);
      }

      @Override
      public void putNowait(E item) {
        queue.putNowait(item);
      }

      @Override
      public E get() {
        return queue.get();
      }

      @Override
      public E getNowait() {
        return queue.getNowait();
      }

      @Override
      public void join() {
        queue.join();
      }

      @Override
      public void taskDone() {
        queue.taskDone();
      }

      @Override
      public int size() {
        return queue.size();
      }

      @Override
      public int maxSize() {
        return queue.maxSize();
      }

      @Override
      public boolean isEmpty() {
        return queue.isEmpty();
      }

      @Override
      public boolean isFull() {
        return queue.isFull();
      }

      @Override
      public QueueStatistics statistics() {
        return queue.statistics();
      }

      @Override
      public String toString() {
        return queue.toString();
      }
    };
  }

  static <E> AnyQueue<E> of(UniversalQueue<E> queue) {
    return new AnyQueue<>() {
      @Override
      public void put(E item) throws InterruptedException {
        queue.put(item);
      }

      @Override
      public void putNowait(E item) {
        queue.putNowait(item);
      }

      @Override
      public E get() throws InterruptedException {
        return queue.get();
      }

      @Override
      public E getNowait() {
        return queue.getNowait();
      }

      @Override
      public void join() throws InterruptedException {
        queue.join();
      }

      @Override
      public void taskDone() {
        queue.taskDone();
      }

      @Override
      public int size() {
        return queue.size();
      }

      @Override
      public int maxSize() {
        return queue.maxSize();
      }

      @Override
      public boolean isEmpty() {
        return queue.isEmpty();
      }

      @Override
      public boolean isFull() {
        return queue.isFull();
      }

      @Override
      public QueueStatistics statistics() {
        return queue.statistics();
      }

      @Override
      public String toString() {
        return queue.toString();
      }
    };
  }
}
