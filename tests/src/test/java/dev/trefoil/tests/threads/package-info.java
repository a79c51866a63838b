/** The behaviour of {@code dev.trefoil.threads}. */
package dev.trefoil.tests.threads;
