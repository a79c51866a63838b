/** A bundle as users make them, whose tasks wait in queues. */
package dev.trefoil.distribution.postbox;
