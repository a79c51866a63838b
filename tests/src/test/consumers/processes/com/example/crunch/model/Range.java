package com.example.crunch.model;

import java.io.Serializable;
import java.util.stream.LongStream;

/** Goes to a worker process by itself, being of the same module as what is run there. */
public record Range(int first, int last) implements Serializable {
  public long sum() {
    return LongStream.rangeClosed(first, last).sum();
  }
}
