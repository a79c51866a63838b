package dev.trefoil.distribution;

import java.util.List;

/** The chat server in the Felix distribution. */
class FelixChatIT extends ChatProgramContract {
  @Override
  List<String> command() {
    return List.of(distribution("trefoil-felix/bin/trefoil").toString(), "run", "chat", "--port=0");
  }
}
