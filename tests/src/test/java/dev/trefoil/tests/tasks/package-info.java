/**
 * The behaviour of {@code dev.trefoil.tasks}: runs, nurseries, cancel scopes, timeouts, errors and
 * variables, each promise on both backends and over many schedules.
 */
package dev.trefoil.tests.tasks;
