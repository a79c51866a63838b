package dev.trefoil.distribution;

import java.nio.file.Path;
import java.util.List;

/** The chat server on a plain JVM, which finds the kernel on the module path without being told. */
class ModulePathChatIT extends ChatProgramContract {
  @Override
  List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-p",
        distribution("modules").toString(),
        "-m",
        "dev.trefoil.examples.chat/dev.trefoil.examples.chat.ChatMain",
        "--port=0");
  }
}
