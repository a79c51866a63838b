/** That the documentation does what it says. */
package dev.trefoil.tests.docs;
