package dev.trefoil.threads;

import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.sync.Limiter;

/** Gives everybody a token. */
enum Unlimited implements Limiter {
  LIMITER;

  @Override
  public void acquireOnBehalfOf(Object borrower) {
    Hazmat.yieldBrieflyNoCancel();
  }

  @Override
  public void releaseOnBehalfOf(Object borrower) {}
}
