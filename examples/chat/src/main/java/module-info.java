/**
 * A chat server: a program to read and to copy from, so it exports nothing.
 */
module dev.trefoil.examples.chat {
  requires dev.trefoil.tasks;
  requires static org.jspecify;
  requires static org.osgi.service.component.annotations;
}
