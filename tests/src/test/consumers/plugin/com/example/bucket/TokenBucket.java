package com.example.bucket;

import dev.trefoil.hazmat.Clock;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.Instrument;
import dev.trefoil.hazmat.ParkingLot;
import dev.trefoil.hazmat.Task;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** Hands out tokens, first come, first served. */
@NullMarked
public final class TokenBucket implements Instrument {
  private final ParkingLot waiting = new ParkingLot();
  private final Clock clock;
  private int tokens;
  private @Nullable Task<?> last;

  /** Makes an empty bucket. */
  public TokenBucket(Clock clock) {
    this.clock = clock;
  }

  /** Takes a token, waiting for one if there is none. A checkpoint. */
  public long take() {
    Hazmat.yieldIfCancelled();
    if (tokens == 0 || !waiting.isEmpty()) {
      waiting.park("TOKEN_WAIT");
    } else {
      tokens--;
      Hazmat.yieldBrieflyNoCancel();
    }
    last = Hazmat.currentTask();
    return clock.now();
  }

  /** Adds a token. Never waits. */
  public void add() {
    if (waiting.unpark() == null) {
      tokens++;
    }
  }

  /** Who took the last token, if anybody did. */
  public @Nullable Task<?> lastTaker() {
    return last;
  }
}
