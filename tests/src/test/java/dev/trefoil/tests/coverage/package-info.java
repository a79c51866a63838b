/**
 * Which tests prove which operation.
 *
 * <p>Every promised operation has a row with an id, such as {@code R25}, listed in
 * {@code rows.tsv}. A test that proves one carries that id as its {@code @Tag}. After a run
 * {@code target/rows.md} says what is proved and what is not yet.
 */
package dev.trefoil.tests.coverage;
