/** What plugins and programs get wrong: the run survives it, or fails and says whose fault it was. */
@NullMarked
package dev.trefoil.tests.hostile;

import org.jspecify.annotations.NullMarked;
