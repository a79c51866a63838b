package dev.trefoil.hazmat;

/**
 * Whether control-C (the signal SIGINT) interrupts a run, with a {@link KeyboardInterrupt}, or does
 * what it does in any Java program: it ends the process, with no {@code finally} of a task executed.
 *
 * <p>A run takes control-C while it is driven, if nobody else in the process does: a handler of
 * SIGINT that the program has set is left in its place, and a process that ignores the signal, as
 * jobs in the background of a shell do, goes on ignoring it. What was there before is put back
 * afterwards, unless the program has set a handler of its own meanwhile. If several runs take
 * control-C, it interrupts them all, as it interrupts all processes in the foreground of a terminal.
 *
 * <p>What a further control-C does, while the run has not ended, depends on what has come of the one
 * before:
 *
 * <ul>
 *   <li>If the main task has met that, and is not held up, it is one more keyboard interrupt: a program that has
 *       caught the first and goes on can be interrupted again, and clean-up that takes its time
 *       is cut short.
 *   <li>If the run is ending slowly, it forces the end. It ends slowly if the interrupt still waits
 *       for the main task to pass a cancel point, if the main task is inside a scope or nursery that is
 *       cancelled, or if the main task has ended and others have not. Then the tasks that are still
 *       there are printed to the standard error, with what each of them is doing; and the process ends
 *       with status 130, as it would if nobody had taken control-C. That executes the shutdown hooks;
 *       after ten seconds, or when control-C is pressed once more, the process is halted.
 * </ul>
 *
 * <p>Each of these steps has to be at least a second after the one before: who presses control-C
 * several times in a hurry means one, whatever has come of it by then.
 *
 * <p>Source: Trio, where {@code run} installs a handler for SIGINT in the main thread.
 */
public enum ControlC {
  /**
   * If the run is run in the main thread of the program, which is the one that the JVM calls {@code
   * main} in. The default. So nothing changes for a program that has runs in threads of its own, in
   * components of a container, or on the thread of a user interface.
   */
  IN_MAIN_THREAD,

  /** Whatever thread it is run in. */
  IN_ANY_THREAD,

  /** Never. */
  NOT_TAKEN
}
