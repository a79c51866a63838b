/** The example chat server as a program that stands on everything: sockets, nurseries, scopes, time. */
package dev.trefoil.tests.chat;
