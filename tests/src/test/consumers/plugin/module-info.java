/** A primitive of a third party. */
module com.example.bucket {
  requires transitive dev.trefoil.hazmat;

  exports com.example.bucket;
}
