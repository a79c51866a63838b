package com.example.bucket;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.hazmat.TaskSpec;

/** Takes a token, with nothing of Trefoil but the SPI and whatever kernel there is. */
final class Demo {
  private Demo() {}

  public static void main(String[] args) {
    var main =
        TaskSpec.of(
            () -> {
              TokenBucket bucket = new TokenBucket(Hazmat.currentRun().clock());
              bucket.add();
              bucket.take();
              return String.valueOf(bucket.lastTaker());
            });
    System.out.println(
        KernelProvider.find().run(RunOptions.defaults(), main.name("taker")).unwrap());
  }
}
