/** Queues, channels and select. One contract for each kind, held to by each implementation. */
package dev.trefoil.tests.queues;
