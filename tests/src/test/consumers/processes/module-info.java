module com.example.crunch {
  requires dev.trefoil.threads;
}
