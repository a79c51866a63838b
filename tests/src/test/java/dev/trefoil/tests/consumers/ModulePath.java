package dev.trefoil.tests.consumers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Jars and folders of modules. */
record ModulePath(Set<Path> entries) {

  /**
   * What Maven gives to a user who depends on one of Trefoil's modules: its jar, and what it hands on.
   *
   * @param name as in {@code tasks}
   */
  static ModulePath ofUserOf(String name) throws IOException {
    Set<Path> entries = new LinkedHashSet<>();
    entries.add(Path.of(System.getProperty("trefoil.bundles"), "trefoil-" + name + ".jar"));
    Path handedOn =
        Path.of(System.getProperty("trefoil.root"), "module-" + name, "target", "users.path");
    addAll(Files.readString(handedOn).strip(), entries);
    return new ModulePath(entries);
  }

  /** What these tests themselves are run by. */
  static ModulePath ofJUnit() {
    Set<Path> entries = new LinkedHashSet<>();
    addAll(System.getProperty("java.class.path"), entries);
    entries.removeIf(entry -> !entry.getFileName().toString().startsWith("junit-"));
    return new ModulePath(entries);
  }

  private static void addAll(String path, Set<Path> entries) {
    Arrays.stream(path.split(File.pathSeparator))
        .filter(entry -> !entry.isEmpty())
        .map(Path::of)
        .forEach(entries::add);
  }

  /** Both; of a jar that is in both under the same name, that of this path. */
  ModulePath with(ModulePath other) {
    Set<Path> all = new LinkedHashSet<>(entries);
    Set<Path> names = all.stream().map(Path::getFileName).collect(Collectors.toSet());
    other.entries.stream().filter(entry -> !names.contains(entry.getFileName())).forEach(all::add);
    return new ModulePath(all);
  }

  ModulePath with(Path folder) {
    return with(new ModulePath(Set.of(folder)));
  }

  Stream<String> names() {
    return entries.stream().map(entry -> entry.getFileName().toString());
  }

  @Override
  public String toString() {
    return entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }
}
