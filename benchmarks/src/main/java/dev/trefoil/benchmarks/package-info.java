/**
 * Trefoil and its peers on the same jobs, in one run.
 *
 * <p>A class is a job. Of its methods {@code trefoil} does it on continuations, {@code trefoilPortable}
 * on virtual threads, and each other one is a peer, named as readers know it.
 */
@NullMarked
package dev.trefoil.benchmarks;

import org.jspecify.annotations.NullMarked;
