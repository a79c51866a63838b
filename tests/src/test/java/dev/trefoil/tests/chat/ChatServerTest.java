package dev.trefoil.tests.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.examples.chat.ChatLimits;
import dev.trefoil.examples.chat.ChatServer;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.IoStatistics;
import dev.trefoil.tasks.Nursery;
import dev.trefoil.testing.MockClock;
import dev.trefoil.testing.Testing;
import dev.trefoil.testing.TrefoilTest;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("R1")
@Tag("R2")
class ChatServerTest {
  private static final ChatLimits LIMITS =
      new ChatLimits(4096, 20, 16 * 1024, Duration.ofMinutes(1), Duration.ofSeconds(1));

  private final List<String> log = new ArrayList<>();

  /** What a test does while a server serves. */
  private interface Session {
    void with(InetSocketAddress server) throws Exception;
  }

  private void chat(Session session) {
    Nursery.open(
        nursery -> {
          ChatServer server =
              ChatServer.listen(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), LIMITS, log::add);
          nursery.spawn("chat", server::serve);
          session.with(server.address());
          nursery.cancelScope().cancel();
        });
    assertThat(log).last().isEqualTo("chat is closed");
    IoStatistics io = Hazmat.currentRun().statistics().io();
    assertThat(io.tasksWaitingRead() + io.tasksWaitingWrite()).isZero();
  }

  @TrefoilTest(seeds = 20)
  void everyLineGoesToAllOthersUnderItsSendersName() {
    chat(
        server -> {
          try (Chatter ada = Chatter.join(server, "ada");
              Chatter bob = Chatter.join(server, "bob");
              Chatter eve = Chatter.join(server, "eve")) {
            assertThat(ada.hear()).isEqualTo("* bob joins");
            assertThat(ada.hear()).isEqualTo("* eve joins");
            assertThat(bob.hear()).isEqualTo("* eve joins");
            ada.say("Grüße");
            ada.say("noch was");
            for (Chatter other : List.of(bob, eve)) {
              assertThat(other.hear()).isEqualTo("ada: Grüße");
              assertThat(other.hear()).isEqualTo("ada: noch was");
            }
            bob.say("hello");
            assertThat(ada.hear()).isEqualTo("bob: hello");
          }
        });
  }

  @TrefoilTest
  void emptyLineGoesToNobody() {
    chat(
        server -> {
          try (Chatter ada = Chatter.join(server, "ada");
              Chatter bob = Chatter.join(server, "bob")) {
            ada.say("");
            ada.say("\r");
            ada.say("hello");
            assertThat(bob.hear()).isEqualTo("ada: hello");
          }
        });
  }

  @TrefoilTest
  void leavingIsAnnouncedAndLastLineNeedsNoEnd() {
    chat(
        server -> {
          try (Chatter ada = Chatter.join(server, "ada");
              Chatter bob = Chatter.join(server, "bob")) {
            assertThat(ada.hear()).isEqualTo("* bob joins");
            bob.send("bye");
            bob.endSpeaking();
            assertThat(ada.hear()).isEqualTo("bob: bye");
            assertThat(ada.hear()).isEqualTo("* bob leaves");
            assertThat(bob.hear()).isNull();
          }
        });
  }

  @TrefoilTest
  void lostConnectionIsAnnouncedAndTheNameIsFreeAgain() {
    chat(
        server -> {
          try (Chatter ada = Chatter.join(server, "ada");
              Chatter bob = Chatter.join(server, "bob")) {
            assertThat(ada.hear()).isEqualTo("* bob joins");
            bob.vanish();
            assertThat(ada.hear()).isEqualTo("* bob leaves: the connection is lost");
            Chatter.join(server, "bob").close();
          }
        });
  }

  @TrefoilTest
  void namesAreAskedForUntilOneFitsAndNobodyElseHasIt() {
    chat(
        server -> {
          try (Chatter ada = Chatter.join(server, "ada");
              Chatter late = Chatter.connect(server)) {
            for (String odd : List.of("", "two words", "a:b", "* ada", "x".repeat(33))) {
              late.say(odd);
              assertThat(late.hear()).startsWith("* a name has 1 to 32");
            }
            late.say("ada");
            assertThat(late.hear()).isEqualTo("* the name ada is taken; try another");
            late.name("Zoë");
            assertThat(ada.hear()).isEqualTo("* Zoë joins");
          }
        });
  }

  @TrefoilTest
  void whoGivesNoNameInTimeIsDroppedUnheard(MockClock clock) {
    chat(
        server -> {
          try (Chatter ada = Chatter.join(server, "ada");
              Chatter nobody = Chatter.connect(server)) {
            clock.jump(LIMITS.nameWithin());
            assertThat(nobody.hear()).isEqualTo("* you are dropped: you have not said who you are");
            assertThat(nobody.hear()).isNull();
            Chatter.join(server, "bob").close();
            assertThat(ada.hear()).isEqualTo("* bob joins");
          }
        });
  }

  @TrefoilTest
  void tooLongLineIsHeardByNobodyAndDropsItsSender() {
    chat(
        server -> {
          try (Chatter ada = Chatter.join(server, "ada");
              Chatter bob = Chatter.join(server, "bob")) {
            assertThat(ada.hear()).isEqualTo("* bob joins");
            bob.say("x".repeat(LIMITS.lineBytes()));
            assertThat(ada.hear()).hasSize("bob: ".length() + LIMITS.lineBytes());
            bob.say("x".repeat(LIMITS.lineBytes() + 1));
            assertThat(ada.hear()).isEqualTo("* bob is dropped: a line was too long");
            assertThat(bob.hear()).isEqualTo("* you are dropped: your line was too long");
            assertThat(bob.hear()).isNull();
          }
        });
  }

  /** Lets ada talk until bob, who hears all, hears that somebody is dropped; returns how much. */
  private static int talkUntilSomebodyIsDropped(Chatter ada, Chatter bob) throws IOException {
    String padding = "x".repeat(500);
    boolean dropped = false;
    int said = 0;
    while (!dropped) {
      said++;
      assertThat(said).as("lines until a client that reads none is dropped").isLessThan(20_000);
      ada.say(said + " " + padding);
      String heard = bob.hear();
      if (heard.equals("* slow is dropped: too slow")) {
        dropped = true;
        heard = bob.hear();
      }
      assertThat(heard).isEqualTo("ada: " + said + " " + padding);
    }
    return said;
  }

  @TrefoilTest
  void slowClientIsToldThatItIsDroppedAndNobodyElseMissesAnything(MockClock clock) {
    chat(
        server -> {
          try (Chatter slow = Chatter.connectWithSmallBuffer(server).name("slow");
              Chatter bob = Chatter.join(server, "bob");
              Chatter ada = Chatter.join(server, "ada")) {
            assertThat(bob.hear()).isEqualTo("* ada joins");
            int said = talkUntilSomebodyIsDropped(ada, bob);
            ada.say("still here");
            assertThat(bob.hear()).isEqualTo("ada: still here");

            assertThat(slow.hear()).isEqualTo("* bob joins");
            assertThat(slow.hear()).isEqualTo("* ada joins");
            List<String> heard = new ArrayList<>();
            for (String line = slow.hear(); line != null; line = slow.hear()) {
              heard.add(line);
            }
            assertThat(heard)
                .hasSizeLessThan(said)
                .last()
                .isEqualTo("* you are dropped: too many lines wait for you to read them");
            for (int i = 0; i < heard.size() - 1; i++) {
              assertThat(heard.get(i)).startsWith("ada: " + (i + 1) + " ");
            }
          }
        });
  }

  @TrefoilTest
  void slowClientThatReadsNothingIsGivenUpWhenTheFarewellHasTakenTooLong(MockClock clock) {
    chat(
        server -> {
          try (Chatter slow = Chatter.connectWithSmallBuffer(server).name("slow");
              Chatter bob = Chatter.join(server, "bob");
              Chatter ada = Chatter.join(server, "ada")) {
            assertThat(bob.hear()).isEqualTo("* ada joins");
            talkUntilSomebodyIsDropped(ada, bob);
            Testing.waitAllTasksBlocked();
            clock.jump(LIMITS.farewell());
            Testing.waitAllTasksBlocked();

            String last = null;
            for (String line = slow.hear(); line != null; line = slow.hear()) {
              last = line;
            }
            assertThat(last).startsWith("ada: ");
          }
        });
  }

  @TrefoilTest
  void closingServerSaysGoodbyeAndLeavesNoSocket() {
    List<Chatter> chatters = new ArrayList<>();
    InetSocketAddress[] address = new InetSocketAddress[1];
    chat(
        server -> {
          address[0] = server;
          chatters.add(Chatter.join(server, "ada"));
          chatters.add(Chatter.connect(server));
        });
    for (Chatter chatter : chatters) {
      assertThat(chatter.hear()).isEqualTo("* the chat closes");
      assertThat(chatter.hear()).isNull();
    }
    assertThatThrownBy(() -> Chatter.connect(address[0])).isInstanceOf(ConnectException.class);
    assertThat(log).containsSubsequence("ada joins", "chat is closed").doesNotContain("ada leaves");
  }

  @TrefoilTest
  void everybodyHearsEverybodyInTheOrderInWhichEachSpoke() {
    int people = 12;
    int lines = 15;
    chat(
        server -> {
          List<Chatter> chatters = new ArrayList<>();
          for (int i = 0; i < people; i++) {
            chatters.add(Chatter.join(server, "p" + i));
          }
          Nursery.open(
              nursery -> {
                for (Chatter chatter : chatters) {
                  nursery.spawn(
                      () -> {
                        for (int line = 0; line < lines; line++) {
                          chatter.say(Integer.toString(line));
                          Hazmat.yieldBriefly();
                        }
                      });
                  nursery.spawn(() -> hearAll(chatter, people - 1, lines));
                }
              });
          for (Chatter chatter : chatters) {
            chatter.close();
          }
        });
  }

  private static void hearAll(Chatter chatter, int speakers, int lines) {
    Map<String, Integer> next = new HashMap<>();
    for (int missing = speakers * lines; missing > 0; ) {
      String heard = chatter.hear();
      if (!heard.startsWith("*")) {
        String[] parts = heard.split(": ");
        int expected = next.merge(parts[0], 1, Integer::sum) - 1;
        assertThat(parts[1]).isEqualTo(Integer.toString(expected));
        missing--;
      }
    }
    assertThat(next).hasSize(speakers);
  }

  @Test
  void addressThatIsTakenOrUnknownIsReportedBeforeAnythingRuns() throws IOException {
    try (ChatServer first =
        ChatServer.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), LIMITS, log::add)) {
      int port = first.address().getPort();
      assertThatThrownBy(() -> ChatServer.listen(first.address(), LIMITS, log::add))
          .isInstanceOf(IOException.class)
          .hasCauseInstanceOf(BindException.class)
          .hasMessageContainingAll("cannot listen on", "port " + port);
    }
    InetSocketAddress nowhere = InetSocketAddress.createUnresolved("nowhere.invalid", 5000);
    assertThatThrownBy(() -> ChatServer.listen(nowhere, LIMITS, log::add))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot listen on nowhere.invalid port 5000: no such host");
  }
}
