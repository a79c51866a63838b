/** How kernels are found; not exported. */
@KeyboardInterruptProtected
@NullMarked
package dev.trefoil.hazmat.internal;

import dev.trefoil.hazmat.KeyboardInterruptProtected;
import org.jspecify.annotations.NullMarked;
