package dev.trefoil.tests.hazmat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is logged while this is open, by the kernel or else, kept instead of printed. */
public final class KernelLog extends Handler implements AutoCloseable {
  private final Logger logger;
  private final List<LogRecord> records = Collections.synchronizedList(new ArrayList<>());

  private final Consumer<String> onMessage;

  private KernelLog(String logger, Consumer<String> onMessage) {
    this.logger = Logger.getLogger(logger);
    this.onMessage = onMessage;
  }

  public static KernelLog capture() {
    return capture(message -> {});
  }

  /** Captures another logger's messages. */
  public static KernelLog capture(String logger) {
    return capture(logger, message -> {});
  }

  /** Besides, tells of each message when it comes. */
  public static KernelLog capture(Consumer<String> onMessage) {
    return capture("dev.trefoil.kernel", onMessage);
  }

  private static KernelLog capture(String logger, Consumer<String> onMessage) {
    KernelLog log = new KernelLog(logger, onMessage);
    log.logger.setUseParentHandlers(false);
    log.logger.addHandler(log);
    return log;
  }

  public List<String> messages() {
    synchronized (records) {
      return records.stream().map(LogRecord::getMessage).toList();
    }
  }

  public List<Throwable> thrown() {
    synchronized (records) {
      return records.stream().map(LogRecord::getThrown).filter(Objects::nonNull).toList();
    }
  }

  @Override
  public void publish(LogRecord record) {
    records.add(record);
    onMessage.accept(record.getMessage());
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setUseParentHandlers(true);
  }
}
