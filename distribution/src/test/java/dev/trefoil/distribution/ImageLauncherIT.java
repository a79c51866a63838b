package dev.trefoil.distribution;

import java.nio.file.Path;
import java.util.List;

/** The launcher in the image. */
class ImageLauncherIT extends LauncherContract {
  @Override
  Path launcher() {
    return distribution("trefoil-image/bin/chat");
  }

  @Override
  List<String> words() {
    return List.of();
  }
}
