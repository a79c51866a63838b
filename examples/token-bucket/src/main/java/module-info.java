/** A rate limiter for tasks. */
module com.example.tokenbucket {
  requires dev.trefoil.hazmat;

  exports com.example.tokenbucket;
}
