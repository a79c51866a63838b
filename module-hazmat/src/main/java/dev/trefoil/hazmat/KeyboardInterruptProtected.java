package dev.trefoil.hazmat;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks the code of primitives: no {@link KeyboardInterrupt} is thrown in the middle of it, nor in what
 * it calls. On a package it counts for all classes of that package, on a class for that and those
 * nested in it. It costs nothing: who throws an interrupt looks at the stack first.
 *
 * <p>Two rules come with it. What is called may be interrupted only through {@link
 * KeyboardInterrupts#callOut(Body)}; code of the user that is called otherwise, such as a comparator,
 * is protected as well. And an operation that changes anything calls something of this package before
 * that, as most do anyway to ask for the current task, or else {@link KeyboardInterrupts#enter()}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.PACKAGE, ElementType.TYPE})
public @interface KeyboardInterruptProtected {}
