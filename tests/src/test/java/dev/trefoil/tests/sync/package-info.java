/**
 * The behaviour of {@code dev.trefoil.sync}. What all lock-like things promise is in {@link
 * dev.trefoil.tests.sync.LockableContract} and {@link dev.trefoil.tests.sync.OwnedLockContract}, with
 * a small subclass for each of them.
 */
package dev.trefoil.tests.sync;
