/** A program that is slow to end, also as a command of a shell. */
@NullMarked
package dev.trefoil.distribution.stubborn;

import org.jspecify.annotations.NullMarked;
