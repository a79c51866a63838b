/** Looking into runs from outside: hooks, the flight recorder, the monitor. */
package dev.trefoil.tests.observation;
