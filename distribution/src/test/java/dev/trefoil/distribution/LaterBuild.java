package dev.trefoil.distribution;

import static java.lang.constant.ConstantDescs.CD_String;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.Constants;

/** A later build of module-queues, which differs from the one delivered in what its piles say. */
final class LaterBuild {
  static final String PILE = "a pile of the later build";
  private static final String CHANGED = "dev/trefoil/queues/LifoQueue.class";

  private LaterBuild() {}

  /** The jar of module-queues in the distribution. */
  static Path delivered() throws IOException {
    Path bundles = ChatProgramContract.distribution("trefoil-felix/bundle");
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(bundles, "trefoil-queues-*.jar")) {
      return jars.iterator().next();
    }
  }

  /**
   * Makes the jar.
   *
   * @param bundleVersion its version
   * @param packageVersion the version of the package that it exports
   * @param later where to write it
   */
  static Path of(String bundleVersion, String packageVersion, Path later) throws IOException {
    try (JarFile jar = new JarFile(delivered().toFile());
        OutputStream file = Files.newOutputStream(later)) {
      Manifest manifest = jar.getManifest();
      Attributes headers = manifest.getMainAttributes();
      headers.putValue(Constants.BUNDLE_VERSION, bundleVersion);
      headers.putValue(
          Constants.EXPORT_PACKAGE,
          headers
              .getValue(Constants.EXPORT_PACKAGE)
              .replaceFirst("version=\"[^\"]*\"", "version=\"" + packageVersion + "\""));
      try (JarOutputStream out = new JarOutputStream(file, manifest)) {
        List<JarEntry> entries =
            jar.stream().filter(entry -> !entry.getName().equals(JarFile.MANIFEST_NAME)).toList();
        for (JarEntry entry : entries) {
          out.putNextEntry(new JarEntry(entry.getName()));
          byte[] content = jar.getInputStream(entry).readAllBytes();
          out.write(entry.getName().equals(CHANGED) ? changed(content) : content);
        }
      }
    }
    return later;
  }

  private static byte[] changed(byte[] pile) {
    ClassFile format = ClassFile.of();
    return format.transformClass(
        format.parse(pile),
        ClassTransform.endHandler(
            builder ->
                builder.withMethodBody(
                    "toString",
                    MethodTypeDesc.of(CD_String),
                    ClassFile.ACC_PUBLIC,
                    code -> code.loadConstant(PILE).areturn())));
  }
}
