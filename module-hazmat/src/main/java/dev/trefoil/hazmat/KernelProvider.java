package dev.trefoil.hazmat;

import dev.trefoil.hazmat.internal.KernelFinder;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Makes runs. A kernel offers one as a service: by {@code provides} on the module path, by {@code
 * META-INF/services} on the class path, and in an OSGi container by registering it.
 */
@ProviderType
public interface KernelProvider {
  /**
   * Runs {@code main} as the main task of a new run and returns when the run is over.
   *
   * @param <T> the type of the main task's result
   * @param options how to run
   * @param main the main task; its cancel status and owner are chosen by the kernel
   * @return how the main task ended
   * @throws KernelError if the run broke
   * @throws IllegalStateException inside a run, or if the chosen backend is not available
   */
  <T extends @Nullable Object> Outcome<T> run(RunOptions options, TaskSpec<T> main);

  /**
   * Makes a run that the caller drives.
   *
   * @param options how to run
   * @return a run without tasks
   * @throws IllegalStateException if the chosen backend is not available
   */
  RunDriver open(RunOptions options);

  /**
   * Returns the number that a signal has on this system.
   *
   * @param name the signal's name without its SIG, such as {@code TERM}
   * @return the number
   * @throws IllegalArgumentException if this system has no signal of that name
   */
  int signalNumber(String name);

  /**
   * Finds the kernel of this process: the OSGi service if there is one, otherwise what {@link
   * java.util.ServiceLoader} finds.
   *
   * @return the provider
   * @throws IllegalStateException if there is no kernel; the message says how to add it
   */
  static KernelProvider find() {
    return KernelFinder.find();
  }
}
