package dev.trefoil.threads;

import dev.trefoil.hazmat.Body;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which classes may come out of the streams of one call, in both processes: values of the JDK, the
 * classes that belong with the body, and what the caller adds.
 *
 * @param pattern what the caller says, which comes first
 * @param home what belongs with the body: the name of a module, or else {@code package:} and that of a
 *     package
 */
record AllowList(String pattern, String home) {
  private static final String PACKAGE = "package:";

  private static final Set<String> PACKAGES =
      Set.of(
          "java.math",
          "java.time",
          "java.time.chrono",
          "java.util",
          "java.util.concurrent",
          "java.util.concurrent.atomic",
          "java.util.concurrent.locks");

  /** Of packages that hold other things as well. Not java.net.URL, whose hash code asks the network. */
  private static final Set<String> CLASSES =
      Set.of(
          "java.io.File",
          "java.io.Serializable",
          "java.lang.Boolean",
          "java.lang.Byte",
          "java.lang.CharSequence",
          "java.lang.Character",
          "java.lang.Comparable",
          "java.lang.Double",
          "java.lang.Enum",
          "java.lang.Float",
          "java.lang.Integer",
          "java.lang.Long",
          "java.lang.Number",
          "java.lang.Object",
          "java.lang.Short",
          "java.lang.StackTraceElement",
          "java.lang.String",
          "java.lang.String$CaseInsensitiveComparator",
          "java.net.Inet4Address",
          "java.net.Inet6Address",
          "java.net.InetAddress",
          "java.net.InetSocketAddress",
          "java.net.URI",
          "sun.util.calendar.ZoneInfo");

  /** How lambda expressions are serialized: requests are made of them, and may run anything anyway. */
  private static final String LAMBDA = "java.lang.invoke.SerializedLambda";

  /** An element of an array, or of a table of hashes, takes at least this part of a byte. */
  private static final long ELEMENTS_IN_BYTE = 8;

  static AllowList around(Body<?, ?> body, ProcessOptions options) {
    Class<?> type = body.getClass();
    Module module = type.getModule();
    return new AllowList(
        options.allowed(), module.isNamed() ? module.getName() : PACKAGE + type.getPackageName());
  }

  /** Reads the body of a call, in a worker. */
  @Nullable Object readBody(byte[] bytes) throws IOException, ClassNotFoundException {
    return read(bytes, true);
  }

  /** Reads what came of a call. */
  @Nullable Object read(byte[] bytes) throws IOException, ClassNotFoundException {
    return read(bytes, false);
  }

  private @Nullable Object read(byte[] bytes, boolean lambdas)
      throws IOException, ClassNotFoundException {
    Filter filter = new Filter(bytes.length, lambdas);
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      in.setObjectInputFilter(filter);
      return in.readObject();
    } catch (InvalidClassException refused) {
      // The one of the JDK does not say which class it is about.
      throw filter.refused == null ? refused : new InvalidClassException(filter.refused);
    }
  }

  private boolean allows(Class<?> type) {
    return type.isPrimitive() || isValueOfJdk(type) || isAtHome(type);
  }

  private static boolean isValueOfJdk(Class<?> type) {
    if (type.getModule() != Object.class.getModule()) {
      return false;
    }
    String ofPackage = type.getPackageName();
    return PACKAGES.contains(ofPackage)
        || CLASSES.contains(type.getName())
        || Enum.class.isAssignableFrom(type)
        || (Throwable.class.isAssignableFrom(type) && ofPackage.startsWith("java."));
  }

  private boolean isAtHome(Class<?> type) {
    if (!home.startsWith(PACKAGE)) {
      return home.equals(type.getModule().getName());
    }
    String homePackage = home.substring(PACKAGE.length());
    String ofPackage = type.getPackageName();
    return !type.getModule().isNamed()
        && (ofPackage.equals(homePackage)
            || (!homePackage.isEmpty() && ofPackage.startsWith(homePackage + ".")));
  }

  private final class Filter implements ObjectInputFilter {
    private final @Nullable ObjectInputFilter ofCaller =
        ObjectInputFilter.Config.createFilter(pattern);
    private final long size;
    private final boolean lambdas;
    private @Nullable String refused;

    Filter(long size, boolean lambdas) {
      this.size = size;
      this.lambdas = lambdas;
    }

    @Override
    public Status checkInput(FilterInfo info) {
      if (info.arrayLength() > size * ELEMENTS_IN_BYTE) {
        return refuse(
            "Expected no array or table of more elements than the stream has room for, got one of "
                + info.arrayLength()
                + " in "
                + size
                + " bytes.");
      }
      Status answer = ofCaller == null ? Status.UNDECIDED : ofCaller.checkInput(info);
      Class<?> type = info.serialClass();
      if (answer == Status.REJECTED) {
        return refuse(
            (type == null ? "The stream" : "Class " + type.getName())
                + " is refused by what ProcessOptions.withAllowed was given, '"
                + pattern
                + "'.");
      }
      if (answer == Status.ALLOWED || type == null) {
        return answer;
      }
      while (type.isArray()) {
        type = type.componentType();
      }
      if (allows(type) || (lambdas && type.getName().equals(LAMBDA))) {
        return Status.ALLOWED;
      }
      return refuse(
          "Class "
              + type.getName()
              + " is not one of those that may come out of a stream between processes: values of"
              + " java.base, and what is in the "
              + homeInWords()
              + ", where the body is. If it only carries data, allow it with"
              + " ProcessOptions.withAllowed(\""
              + type.getName()
              + "\").");
    }

    private Status refuse(String why) {
      refused = why;
      return Status.REJECTED;
    }
  }

  private String homeInWords() {
    if (!home.startsWith(PACKAGE)) {
      return "module " + home;
    }
    String homePackage = home.substring(PACKAGE.length());
    return homePackage.isEmpty() ? "unnamed package" : "package " + homePackage + " or below";
  }
}
