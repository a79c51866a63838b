/** A bundle as users make them: a run that goes on for as long as the bundle does. */
package dev.trefoil.distribution.counter;
