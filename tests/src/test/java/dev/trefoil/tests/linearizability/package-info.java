/**
 * That what threads and tasks do at the same time can be explained by some order in which they did it one
 * after the other.
 */
package dev.trefoil.tests.linearizability;
