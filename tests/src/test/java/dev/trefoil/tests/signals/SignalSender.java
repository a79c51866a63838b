package dev.trefoil.tests.signals;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.signals.Signal;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;

/** Another process that sends this one many signals. */
final class SignalSender implements AutoCloseable {
  private final Process shell;
  private final BufferedWriter commands;
  private final BufferedReader answers;

  SignalSender() throws IOException {
    shell = new ProcessBuilder("sh").redirectError(ProcessBuilder.Redirect.INHERIT).start();
    commands = shell.outputWriter();
    answers = shell.inputReader();
  }

  /** Returns when the signal has been sent, which is before it arrives. */
  void send(Signal signal) throws IOException {
    commands.write(
        "kill -" + signal.name() + " " + ProcessHandle.current().pid() + " && echo sent\n");
    commands.flush();
    assertThat(answers.readLine()).isEqualTo("sent");
  }

  @Override
  public void close() {
    shell.destroy();
  }
}
