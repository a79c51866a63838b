package dev.trefoil.tests.consumers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;

/** A repository of Maven's, as one has it after having downloaded Trefoil. */
record LocalRepository(Path folder) {

  /** Makes one that holds every module, with the parent that their poms name and the BOM. */
  static LocalRepository withReleaseOf(Path root, Path folder) throws IOException {
    LocalRepository repository = new LocalRepository(folder);
    repository.add(root.resolve("pom.xml"));
    repository.add(root.resolve("bom").resolve("pom.xml"));
    try (Stream<Path> folders = Files.list(root)) {
      for (Path module : folders.filter(LocalRepository::isModule).toList()) {
        repository.add(module.resolve("pom.xml"));
      }
    }
    return repository;
  }

  private static boolean isModule(Path folder) {
    return folder.getFileName().toString().startsWith("module-");
  }

  private void add(Path pom) throws IOException {
    Document project = parse(pom);
    String artifact = text(project, "/project/artifactId");
    String version = text(project, "/project/version");
    Path home =
        Files.createDirectories(
            folder
                .resolve(
                    text(project, "/project/groupId | /project/parent/groupId").replace('.', '/'))
                .resolve(artifact)
                .resolve(version));
    Files.copy(pom, home.resolve(artifact + "-" + version + ".pom"));
    Path jar = Path.of(System.getProperty("trefoil.bundles"), artifact + ".jar");
    if (Files.exists(jar)) {
      Files.copy(jar, home.resolve(artifact + "-" + version + ".jar"));
    }
  }

  private static Document parse(Path pom) throws IOException {
    try {
      return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
    } catch (Exception unreadable) {
      throw new IOException("expected a pom in " + pom, unreadable);
    }
  }

  private static String text(Document project, String path) {
    try {
      XPath xpath = XPathFactory.newInstance().newXPath();
      return xpath.evaluate(path, project);
    } catch (Exception wrongPath) {
      throw new IllegalArgumentException(path, wrongPath);
    }
  }
}
