/**
 * Looking into a run from a terminal, also while a task blocks it: {@link
 * dev.trefoil.tasks.monitor.Monitor}.
 */
@Export
@KeyboardInterruptProtected
@Version("0.1.0")
@NullMarked
package dev.trefoil.tasks.monitor;

import dev.trefoil.hazmat.KeyboardInterruptProtected;
import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
