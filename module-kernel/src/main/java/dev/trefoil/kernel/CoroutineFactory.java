package dev.trefoil.kernel;

import dev.trefoil.hazmat.Backend;

/** Makes the coroutines of one run. */
interface CoroutineFactory {
  /** The backend this is. */
  Backend backend();

  /** Whether a coroutine can resume another without going back to the loop first. */
  boolean handsOver();

  /** Says which thread resumes coroutines from now on; no coroutine is running. */
  void runLoopOn(Thread loopThread);

  /** Makes a coroutine that has not started; {@code body} must not throw. */
  Coroutine create(Runnable body);

  /**
   * Makes the coroutines of a run.
   *
   * @param backend continuation or virtual thread
   * @param bindThread is called first on every thread that will execute tasks
   */
  static CoroutineFactory of(Backend backend, Runnable bindThread) {
    return switch (backend) {
      case CONTINUATION -> new ContinuationCoroutine.Factory();
      case VIRTUAL_THREAD -> new VirtualThreadCoroutine.Factory(bindThread);
      case AUTO -> throw new AssertionError("to be resolved before");
    };
  }

  /** Turns a wish into a backend that is available, or says why it is not. */
  static Backend resolve(Backend wish) {
    return switch (wish) {
      case AUTO ->
          ContinuationCoroutine.unavailableBecause() == null
              ? Backend.CONTINUATION
              : Backend.VIRTUAL_THREAD;
      case CONTINUATION -> {
        String reason = ContinuationCoroutine.unavailableBecause();
        if (reason != null) {
          throw new IllegalStateException(
              "Backend CONTINUATION is not available. Start the JVM with --add-exports"
                  + " java.base/jdk.internal.vm=dev.trefoil.kernel --add-opens"
                  + " java.base/java.lang=dev.trefoil.kernel (ALL-UNNAMED instead of the module"
                  + " name on the class path and in OSGi), or use AUTO or VIRTUAL_THREAD. The JVM"
                  + " says: "
                  + reason);
        }
        yield wish;
      }
      case VIRTUAL_THREAD -> wish;
    };
  }
}
