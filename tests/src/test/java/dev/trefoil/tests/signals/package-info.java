/** Signals, real ones, that another process sends. */
package dev.trefoil.tests.signals;
