/** What holds under load: slower than the other tests, and run in a JVM with more memory. */
package dev.trefoil.tests.stress;
