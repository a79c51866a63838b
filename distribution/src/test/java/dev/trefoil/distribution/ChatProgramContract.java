package dev.trefoil.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the chat server does wherever it is started from the command line. */
abstract class ChatProgramContract {
  @TempDir Path scratch;
  private Program chat;
  private int port;

  /** The command that runs the chat server on a free port. */
  abstract List<String> command();

  static Path distribution(String folder) {
    return Path.of(System.getProperty("trefoil.distribution"), folder).toAbsolutePath();
  }

  @BeforeEach
  void startChat() throws Exception {
    chat = Program.start(scratch, command());
    port = Integer.parseInt(chat.awaitLine("chat listens on .* port (\\d+)"));
    chat.awaitLine("quit or control-C ends it");
  }

  @AfterEach
  void killWhatIsLeft() {
    chat.close();
  }

  @Test
  void clientsHearEachOtherUntilQuitEndsItAndNothingElseIsPrinted() throws Exception {
    try (ChatPeer ada = ChatPeer.join(port, "ada");
        ChatPeer bob = ChatPeer.join(port, "bob");
        ChatPeer eve = ChatPeer.join(port, "eve")) {
      assertThat(ada.hear()).isEqualTo("* bob joins");
      assertThat(ada.hear()).isEqualTo("* eve joins");
      assertThat(bob.hear()).isEqualTo("* eve joins");
      ada.say("Grüße an alle");
      assertThat(bob.hear()).isEqualTo("ada: Grüße an alle");
      assertThat(eve.hear()).isEqualTo("ada: Grüße an alle");
      eve.leave();
      assertThat(ada.hear()).startsWith("* eve leaves");
      assertThat(bob.hear()).startsWith("* eve leaves");
      chat.awaitLine("eve leaves.*");

      chat.type("quit");

      assertThat(ada.hear()).isEqualTo("* the chat closes");
      assertThat(ada.hear()).isNull();
      assertThat(bob.hear()).isEqualTo("* the chat closes");
      assertThat(bob.hear()).isNull();
    }
    assertThat(chat.exitCode()).isZero();
    assertThat(chat.printed().subList(2, chat.printed().size()))
        .containsExactly("ada joins", "bob joins", "eve joins", "eve leaves", "chat is closed");
    assertNothingIsLeft();
  }

  @Test
  void slowClientIsDroppedAndTheOthersMissNothing() throws Exception {
    try (ChatPeer slow = ChatPeer.joinWithSmallBuffer(port, "slow");
        ChatPeer ada = ChatPeer.join(port, "ada");
        ChatPeer bob = ChatPeer.join(port, "bob")) {
      assertThat(ada.hear()).isEqualTo("* bob joins");
      String padding = "x".repeat(2000);
      String news = null;
      int said = 0;
      while (news == null) {
        said++;
        assertThat(said).as("lines until a client that reads none is dropped").isLessThan(10_000);
        ada.say(said + padding);
        String heard = bob.hear();
        if (heard.startsWith("*")) {
          news = heard;
          heard = bob.hear();
        }
        assertThat(heard).isEqualTo("ada: " + said + padding);
      }
      assertThat(news).isEqualTo("* slow is dropped: too slow");
      assertThat(ada.hear()).isEqualTo(news);
      assertThat(slow.hear()).isEqualTo("* ada joins");
      chat.type("quit");
    }
    assertThat(chat.exitCode()).isZero();
    assertNothingIsLeft();
  }

  @Test
  void controlCSaysGoodbyeAndEndsIt() throws Exception {
    try (ChatPeer ada = ChatPeer.join(port, "ada")) {
      chat.pressControlC();

      assertThat(ada.hear()).isEqualTo("* the chat closes");
      assertThat(ada.hear()).isNull();
    }
    assertThat(chat.exitCode()).as("128 and the signal's number").isEqualTo(130);
    assertThat(chat.printed()).contains("chat is closed");
    assertNothingIsLeft();
  }

  @Test
  void endOfInputDoesNotEndIt() throws Exception {
    chat.endInput();
    try (ChatPeer ada = ChatPeer.join(port, "ada")) {
      chat.awaitLine("ada joins");
      ada.leave();
      chat.awaitLine("ada leaves.*");
    }
    chat.pressControlC();
    assertThat(chat.exitCode()).isEqualTo(130);
    assertThat(chat.printed().subList(2, chat.printed().size()))
        .containsExactly("ada joins", "ada leaves", "chat is closed");
  }

  private void assertNothingIsLeft() throws Exception {
    assertThatThrownBy(() -> ChatPeer.join(port, "late")).isInstanceOf(ConnectException.class);
    chat.awaitHelpers();
    try (Stream<Path> left = Files.list(scratch)) {
      assertThat(left).as("temporary files").isEmpty();
    }
  }
}
