/** The tools for tests keep their own promises. */
package dev.trefoil.tests.testing;
