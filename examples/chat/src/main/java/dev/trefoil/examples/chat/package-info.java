/**
 * A line chat for many people over plain sockets.
 *
 * <p>A client's first line is its name; every further line that is not empty goes to all others
 * as {@code name: line}. Lines that begin with {@code *} are the server's own. To read it, follow one connection:
 *
 * <ul>
 *   <li>{@link dev.trefoil.examples.chat.ChatServer} accepts it and spawns a task for it into a
 *       nursery;
 *   <li>{@code Client} is that task: a nursery of its own with a reader and a writer, and whatever
 *       ends one of them ends both;
 *   <li>{@code Connection} waits for the socket, {@code LineDecoder} finds the lines, {@code Room}
 *       hands them to the other clients, and each of those keeps them in its {@code Outbox} until
 *       its writer gets to them.
 * </ul>
 *
 * <p>{@link dev.trefoil.examples.chat.ChatMain} starts it as a program, {@link
 * dev.trefoil.examples.chat.ChatComponent} in an OSGi container.
 */
@NullMarked
package dev.trefoil.examples.chat;

import org.jspecify.annotations.NullMarked;
