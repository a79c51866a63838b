/** How kernels are found; not exported. */
@NullMarked
package dev.trefoil.hazmat.internal;

import org.jspecify.annotations.NullMarked;
