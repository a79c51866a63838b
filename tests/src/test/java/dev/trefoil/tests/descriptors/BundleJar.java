package dev.trefoil.tests.descriptors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A jar of this build, with both of its descriptors: the bundle's manifest and the module's. */
record BundleJar(Path file, Attributes manifest, ModuleDescriptor module) {

  /** A clause of a manifest header ends at a comma that is not inside a quoted string. */
  private static final Pattern CLAUSE = Pattern.compile("(?:[^,\"]|\"[^\"]*\")+");

  /** The same for a semicolon: a clause is one or more names, and then its attributes. */
  private static final Pattern PART = Pattern.compile("(?:[^;\"]|\"[^\"]*\")+");

  /** Every jar that the build has put into the folder of bundles. */
  static List<BundleJar> all() {
    String folder = System.getProperty("trefoil.bundles");
    if (folder == null) {
      throw new IllegalStateException(
          "the system property trefoil.bundles must name the folder of the bundles: run this"
              + " through ./mvnw verify");
    }
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      return files
          .filter(file -> file.toString().endsWith(".jar"))
          .sorted(Comparator.comparing(Path::toString))
          .map(BundleJar::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static BundleJar read(Path file) {
    ModuleDescriptor module =
        ModuleFinder.of(file).findAll().stream()
            .collect(Collectors.collectingAndThen(Collectors.toList(), List::getFirst))
            .descriptor();
    try (JarFile jar = new JarFile(file.toFile())) {
      return new BundleJar(file, jar.getManifest().getMainAttributes(), module);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The packages that every other bundle may import. */
  Set<String> bundleExports() {
    return names("Export-Package");
  }

  /** The packages that every other module may read; an export to named friends is not one. */
  Set<String> moduleExports() {
    return module.exports().stream()
        .filter(export -> !export.isQualified())
        .map(ModuleDescriptor.Exports::source)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  Set<String> moduleRequires() {
    return module.requires().stream()
        .map(ModuleDescriptor.Requires::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  Optional<String> symbolicName() {
    return names("Bundle-SymbolicName").stream().findFirst();
  }

  /** The names in a manifest header, without attributes and directives. */
  Set<String> names(String header) {
    Set<String> names = new TreeSet<>();
    String value = manifest.getValue(header);
    if (value != null) {
      Matcher clauses = CLAUSE.matcher(value);
      while (clauses.find()) {
        Matcher parts = PART.matcher(clauses.group());
        while (parts.find() && !parts.group().contains("=")) {
          names.add(parts.group().strip());
        }
      }
    }
    return names;
  }

  @Override
  public String toString() {
    return file.getFileName().toString();
  }
}
