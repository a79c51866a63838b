/** That the jars can be used by modules of other people, compiled and run as those would. */
package dev.trefoil.tests.consumers;
