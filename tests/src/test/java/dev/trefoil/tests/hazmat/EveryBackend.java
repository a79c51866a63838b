package dev.trefoil.tests.hazmat;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * For tests that look at a run from outside: the method takes the {@link
 * dev.trefoil.hazmat.RunOptions} to run with, and is called once for each backend.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{0}")
@ArgumentsSource(Schedules.InOrder.class)
public @interface EveryBackend {}
