/** Boots what users get, the way they do, and talks to it through real sockets. */
package dev.trefoil.distribution;
