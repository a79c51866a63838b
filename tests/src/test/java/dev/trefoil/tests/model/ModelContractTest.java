package dev.trefoil.tests.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tests.hazmat.EveryBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The check itself: it finds what is wrong with a bell that is to wake all who wait. */
final class ModelContractTest {
  private static final String SHORTEST =
      "((round \\d\n)?  task \\d: wait\n){2}(round \\d\n)?  task \\d: ring\n\n";

  @EveryBackend
  void differenceIsShownWithTheShortestProgramThatHasIt(RunOptions options) {
    assertThatThrownBy(() -> check(ParkingLot::unpark, options))
        .isInstanceOf(AssertionError.class)
        .hasMessageMatching(
            "(?s).*seed \\d+.*size 0\n" + SHORTEST + ".*ring = done.*wait = done.*");
  }

  @EveryBackend
  void runThatBreaksIsADifference(RunOptions options) {
    assertThatThrownBy(
            () ->
                check(
                    lot ->
                        Hazmat.yieldIndefinitely(
                            "BELL",
                            raiseCancel -> {
                              throw new UnsupportedOperationException("clapper lost");
                            }),
                    options))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("seed ", "task ", "ring", "the run has failed", "KernelError");
  }

  @EveryBackend
  void nothingIsSaidOfWhatGoesAsInTheModel(RunOptions options) {
    check(ParkingLot::unparkAll, options);
  }

  private static void check(Consumer<ParkingLot> ringing, RunOptions options) {
    new Bell(ringing).randomProgramsGoAsInThePlainModel(options);
  }

  private static final class Bell extends ModelContract {
    private final Consumer<ParkingLot> ringing;

    Bell(Consumer<ParkingLot> ringing) {
      this.ringing = ringing;
    }

    @Override
    protected Vocabulary vocabulary() {
      return new Vocabulary().waiting(2, "wait").immediate(1, "ring");
    }

    @Override
    protected Subject subject(int size) {
      ParkingLot lot = new ParkingLot();
      return new Subject() {
        @Override
        public String perform(Call call) {
          if (call.name().equals("wait")) {
            Hazmat.yieldIfCancelled();
            lot.park();
          } else {
            ringing.accept(lot);
          }
          return DONE;
        }

        @Override
        public String look() {
          return "waiting " + lot.size();
        }
      };
    }

    @Override
    protected Model model(int size) {
      List<ModelTask> waiting = new ArrayList<>();
      return new Model() {
        @Override
        public @Nullable String perform(ModelTask task, Call call) {
          if (call.name().equals("wait")) {
            waiting.add(task);
            return null;
          }
          waiting.forEach(waiter -> waiter.wake(DONE));
          waiting.clear();
          return DONE;
        }

        @Override
        protected void leave(ModelTask task) {
          waiting.remove(task);
        }

        @Override
        public String look() {
          return "waiting " + waiting.size();
        }
      };
    }
  }
}
