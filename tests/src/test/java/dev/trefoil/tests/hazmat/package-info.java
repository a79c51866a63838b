/** What the SPI promises, shown on the kernel: a class for each theme, on both backends. */
package dev.trefoil.tests.hazmat;
