/**
 * What happens in a run, as events of the JDK's flight recorder: install a {@link
 * dev.trefoil.jfr.FlightRecorderInstrument} in the run.
 */
@Export
@Version("0.1.0")
@NullMarked
package dev.trefoil.jfr;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
