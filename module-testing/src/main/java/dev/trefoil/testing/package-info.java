/**
 * Exact and fast tests of concurrent code: no sleeping to let others get somewhere, no guessing how
 * long is long enough.
 *
 * <p>By need:
 *
 * <ul>
 *   <li>To run a test method inside a run, on every backend and in random schedules: {@link
 *       dev.trefoil.testing.TrefoilTest}.
 *   <li>To wait until every other task has got as far as it gets: {@link
 *       dev.trefoil.testing.Testing#waitAllTasksBlocked()}.
 *   <li>To make time pass without waiting for it: {@link dev.trefoil.testing.MockClock}.
 *   <li>To force an order upon tasks: {@link dev.trefoil.testing.Sequencer}.
 *   <li>To hold an operation to its promise of being a checkpoint, or of being none: {@link
 *       dev.trefoil.testing.Checkpoints}.
 * </ul>
 *
 * <p>Everything here is built on the public SPI alone. To follow what a run does step by step, give
 * it a {@link dev.trefoil.hazmat.Instrument}.
 */
@Export
@Version("0.1.0")
@NullMarked
package dev.trefoil.testing;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
