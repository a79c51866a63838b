package dev.trefoil.tests.signals;

import static org.assertj.core.api.Assertions.assertThat;

/** Sends signals as they come in life: from another process. */
final class Kill {
  private Kill() {}

  /** Returns when the signal has been sent, which is before it arrives. */
  static void process(long pid, String signal) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  static void thisProcess(String signal) throws Exception {
    process(ProcessHandle.current().pid(), signal);
  }
}
