/** The rules that the descriptors of all modules keep, read from the finished jars and the poms. */
package dev.trefoil.tests.descriptors;
