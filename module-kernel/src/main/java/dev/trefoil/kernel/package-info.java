/**
 * The kernel. {@link dev.trefoil.kernel.RunLoop} is the heart; around it stand the coroutine
 * backends ({@link dev.trefoil.kernel.Coroutine}), tasks, the cancellation tree, deadlines, the
 * entry queue and I/O, each an idea of its own that knows nothing of the loop's order of work.
 */
@KeyboardInterruptProtected
@NullMarked
package dev.trefoil.kernel;

import dev.trefoil.hazmat.KeyboardInterruptProtected;
import org.jspecify.annotations.NullMarked;
