/**
 * A check of primitives against plain models. Random programs, each of a few tasks that call one
 * primitive, pause, cancel each other and end, are run for real and in a single-threaded model of what
 * is promised. A program that goes differently fails, made as short as it can be.
 */
package dev.trefoil.tests.model;
