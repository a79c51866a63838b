package dev.trefoil.tests.descriptors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Nobody names the kernel but those who put a running system together. Everything else is written
 * against the SPI, and a dependency of a test counts as naming it.
 */
class KernelIsHiddenIT {

  private static final String MODULE = "dev.trefoil.kernel";
  private static final String ARTIFACT = "trefoil-kernel";

  /** Folders that may name the kernel; the bom and the root pom list every module. */
  private static final Set<String> MAY_NAME_IT =
      Set.of("", "bom", "module-kernel", "tests", "distribution", "benchmarks");

  /** Not ours, and so its own assembly: its tests need some kernel to run on. */
  private static final String FOREIGN_POM = "examples/token-bucket/pom.xml";

  private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/|//[^\\n]*", Pattern.DOTALL);
  private static final Pattern REQUIRES_KERNEL =
      Pattern.compile("\\brequires\\b[^;]*\\s" + Pattern.quote(MODULE) + "\\s*;");

  /** A bnd file can add to the manifest what no Java source shows. */
  private static final Pattern BND_NAMES_KERNEL =
      Pattern.compile("\\b(" + Pattern.quote(MODULE) + "|" + Pattern.quote(ARTIFACT) + ")\\b");

  static List<BundleJar> otherBundles() {
    return BundleJar.all().stream()
        .filter(bundle -> !bundle.module().name().equals(MODULE))
        .toList();
  }

  private static BundleJar kernel() {
    return BundleJar.all().stream()
        .filter(bundle -> bundle.module().name().equals(MODULE))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no jar of " + MODULE + " among the bundles"));
  }

  @Test
  void kernelExportsNothingToOtherBundles() {
    assertThat(kernel().bundleExports()).isEmpty();
  }

  @Test
  void kernelExportsNothingToOtherModules() {
    assertThat(kernel().module().exports()).isEmpty();
    assertThat(kernel().module().isOpen()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("otherBundles")
  void bundleNeitherRequiresNorImportsTheKernel(BundleJar bundle) {
    assertThat(bundle.moduleRequires()).as("requires of module-info").doesNotContain(MODULE);
    for (String header : List.of("Require-Bundle", "Import-Package", "DynamicImport-Package")) {
      assertThat(bundle.names(header)).as(header).noneMatch(KernelIsHiddenIT::isOfKernel);
    }
  }

  @Test
  void noPomOutsideTheAssemblyDependsOnTheKernel() throws Exception {
    assertThat(outsiders(named("pom.xml").filter(KernelIsHiddenIT::dependsOnKernel)))
        .containsOnly(Path.of(FOREIGN_POM).toString());
  }

  @Test
  void noModuleInfoOutsideTheAssemblyRequiresTheKernel() throws Exception {
    assertThat(
            outsiders(
                named("module-info.java")
                    .filter(
                        file ->
                            REQUIRES_KERNEL
                                .matcher(COMMENT.matcher(text(file)).replaceAll(" "))
                                .find())))
        .isEmpty();
  }

  @Test
  void noBndFileOutsideTheAssemblyNamesTheKernel() throws Exception {
    assertThat(
            outsiders(named("bnd.bnd").filter(file -> BND_NAMES_KERNEL.matcher(text(file)).find())))
        .isEmpty();
  }

  private static boolean isOfKernel(String name) {
    return name.equals(MODULE) || name.startsWith(MODULE + ".");
  }

  /** Of the given files those in folders that may not name the kernel, relative to the root. */
  private static List<String> outsiders(Stream<Path> files) {
    return files
        .map(root()::relativize)
        .filter(
            file ->
                !MAY_NAME_IT.contains(file.getNameCount() == 1 ? "" : file.getName(0).toString()))
        .map(Path::toString)
        .toList();
  }

  private static Path root() {
    return Path.of(System.getProperty("trefoil.root")).toAbsolutePath().normalize();
  }

  private static Stream<Path> named(String name) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        root(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String folderName = folder.getFileName().toString();
            boolean foreign =
                !folder.equals(root())
                    && (folderName.startsWith(".") || folderName.equals("target"));
            return foreign ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.getFileName().toString().equals(name)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    assertThat(found.isEmpty() && !name.equals("bnd.bnd"))
        .as("no %s below %s", name, root())
        .isFalse();
    return found.stream();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError("cannot read " + file, e);
    }
  }

  /** Whether a dependency, in whatever scope, profile or plugin, is the kernel's artifact. */
  private static boolean dependsOnKernel(Path pom) {
    try {
      Document document =
          DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder().parse(pom.toFile());
      NodeList dependencies = document.getElementsByTagName("dependency");
      for (int i = 0; i < dependencies.getLength(); i++) {
        NodeList artifacts = ((Element) dependencies.item(i)).getElementsByTagName("artifactId");
        if (artifacts.getLength() > 0
            && artifacts.item(0).getTextContent().strip().equals(ARTIFACT)) {
          return true;
        }
      }
      return false;
    } catch (IOException | ParserConfigurationException | SAXException e) {
      throw new AssertionError("cannot read " + pom, e);
    }
  }
}
