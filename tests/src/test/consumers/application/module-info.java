/** An application, as its author writes it. */
module com.example.shop {
  requires dev.trefoil.tasks;
}
