package dev.trefoil.distribution;

import java.util.List;

/** The chat server in the image. */
class ImageChatIT extends ChatProgramContract {
  @Override
  List<String> command() {
    return List.of(distribution("trefoil-image/bin/chat").toString(), "--port", "0");
  }
}
