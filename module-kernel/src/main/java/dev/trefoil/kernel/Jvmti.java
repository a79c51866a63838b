package dev.trefoil.kernel;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What it takes of the JVM's tool interface to look at the stack of another thread while that stands
 * still, and to throw an error in it. Plumbing only: who is hit, and when, is {@link
 * AsyncInterrupter}'s affair.
 *
 * <p>There is no native code of ours, so all is called through function tables, at the places where
 * {@code jni.h} and {@code jvmti.h} put them. An object gets to native code by a call back from there
 * to {@link Bridge}, the one object that native code finds by itself: as the handler of the current
 * thread's uncaught exceptions.
 *
 * <p>Local references live until the thread's next Java native call, whoever makes it; hence each is
 * made global in the very next call, and that call is made often enough in vain beforehand, until it
 * makes no native calls of its own any more.
 *
 * <p>The environment is made with the first of these and lives as long as the JVM, which may switch
 * virtual threads a little more slowly from then on. Used by one thread at a time.
 */
@SuppressWarnings("restricted") // made only if the module has native access
final class Jvmti {
  /** JVMTI_THREAD_STATE_WAITING: in a sleep, a wait or parked. */
  private static final int WAITING = 0x80;

  private static final int JNI_VERSION = 0x00150000;
  private static final int JVMTI_VERSION = 0x30150000;
  private static final int CAN_GET_BYTECODES = 3;
  private static final int CAN_SIGNAL_THREAD = 10;
  private static final int CAN_SUSPEND = 20;
  private static final int CAN_SUPPORT_VIRTUAL_THREADS = 44;
  private static final int CAPABILITIES_BYTES = 16;

  /**
   * A method handle is linked at its first use, and compiled for its target at the 128th; both load
   * classes, take locks and make native calls.
   */
  static final int USES_UNTIL_SETTLED = 200;

  /** Many, since each look counts its way to where it begins. */
  private static final int FRAMES_PER_LOOK = 4_096;

  private static final int FRAME_BYTES = 16;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final Linker LINKER = Linker.nativeLinker();

  private static @Nullable Jvmti only;

  private final long vm;
  private final long env;
  private final MethodHandle getEnv;
  private final MethodHandle suspendThread;
  private final MethodHandle resumeThread;
  private final MethodHandle stopThread;
  private final MethodHandle getThreadState;
  private final MethodHandle getStackTrace;
  private final MethodHandle getMethodName;
  private final MethodHandle getMethodDeclaringClass;
  private final MethodHandle getBytecodes;
  private final MethodHandle deallocate;
  private final MethodHandle findClass;
  private final MethodHandle newGlobalRef;
  private final MethodHandle deleteGlobalRef;
  private final MethodHandle deleteLocalRef;
  private final MethodHandle getMethodId;
  private final MethodHandle callObjectMethod;
  private final MethodHandle callVoidMethod;
  private final MethodHandle getFieldId;
  private final MethodHandle setBooleanField;
  private final MethodHandle getStaticMethodId;
  private final MethodHandle callStaticObjectMethod;

  private Jvmti() throws Throwable {
    long jniOfFirst;
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle createdVms =
          LINKER.downcallHandle(
              libjvm().findOrThrow("JNI_GetCreatedJavaVMs"),
              FunctionDescriptor.of(INT, LONG, INT, LONG));
      MemorySegment out = arena.allocate(2 * LONG.byteSize(), LONG.byteSize());
      check(
          "JNI_GetCreatedJavaVMs",
          (int) createdVms.invokeExact(out.address(), 1, out.address() + 8));
      vm = out.get(LONG, 0);
      getEnv = function(vm, 6, FunctionDescriptor.of(INT, LONG, LONG, INT));
      check("GetEnv", (int) getEnv.invokeExact(vm, out.address(), JNI_VERSION));
      jniOfFirst = out.get(LONG, 0);
      check("GetEnv", (int) getEnv.invokeExact(vm, out.address(), JVMTI_VERSION));
      env = out.get(LONG, 0);
      MemorySegment wanted = arena.allocate(CAPABILITIES_BYTES, LONG.byteSize());
      for (int bit :
          new int[] {
            CAN_GET_BYTECODES, CAN_SIGNAL_THREAD, CAN_SUSPEND, CAN_SUPPORT_VIRTUAL_THREADS
          }) {
        byte others = wanted.get(ValueLayout.JAVA_BYTE, bit / 8);
        wanted.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (others | 1 << bit % 8));
      }
      MethodHandle addCapabilities = tool(142, LONG);
      check("AddCapabilities", (int) addCapabilities.invokeExact(env, wanted.address()));
    }
    suspendThread = tool(5, LONG);
    resumeThread = tool(6, LONG);
    stopThread = tool(7, LONG, LONG);
    getThreadState = tool(17, LONG, LONG);
    deallocate = tool(47, LONG);
    getMethodName = tool(64, LONG, LONG, LONG, LONG);
    getMethodDeclaringClass = tool(65, LONG, LONG);
    getBytecodes = tool(75, LONG, LONG, LONG);
    getStackTrace = tool(104, LONG, INT, INT, LONG, LONG);

    FunctionDescriptor finds = FunctionDescriptor.of(LONG, LONG, LONG);
    FunctionDescriptor findsIn = FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG);
    FunctionDescriptor drops = FunctionDescriptor.ofVoid(LONG, LONG);
    findClass = function(jniOfFirst, 6, finds);
    newGlobalRef = function(jniOfFirst, 21, finds);
    deleteGlobalRef = function(jniOfFirst, 22, drops);
    deleteLocalRef = function(jniOfFirst, 23, drops);
    getMethodId = function(jniOfFirst, 33, findsIn);
    callObjectMethod = function(jniOfFirst, 36, findsIn);
    callVoidMethod = function(jniOfFirst, 63, FunctionDescriptor.ofVoid(LONG, LONG, LONG, LONG));
    getFieldId = function(jniOfFirst, 94, findsIn);
    setBooleanField = function(jniOfFirst, 105, FunctionDescriptor.ofVoid(LONG, LONG, LONG, INT));
    getStaticMethodId = function(jniOfFirst, 113, findsIn);
    callStaticObjectMethod = function(jniOfFirst, 116, findsIn);
    for (int i = 0; i < USES_UNTIL_SETTLED; i++) {
      long ignored = global(jniOfFirst, 0);
    }
  }

  /**
   * Prepares the calling thread, whose handler of uncaught exceptions must be {@code bridge}.
   *
   * @throws Throwable if this JVM has no such interface or refuses it
   */
  static Session open(Bridge bridge) throws Throwable {
    synchronized (Jvmti.class) {
      if (only == null) {
        only = new Jvmti();
      }
      return only.new Session(bridge);
    }
  }

  private static SymbolLookup libjvm() {
    String folder = File.separatorChar == '\\' ? "bin" : "lib";
    Path library =
        Path.of(System.getProperty("java.home"), folder, "server", System.mapLibraryName("jvm"));
    return SymbolLookup.libraryLookup(library, Arena.global());
  }

  private long global(long jni, long local) throws Throwable {
    long global = (long) newGlobalRef.invokeExact(jni, local);
    deleteLocalRef.invokeExact(jni, local);
    return global;
  }

  /** The function at a place of the table that an interface of the JVM's begins with. */
  private static MethodHandle function(long table, int index, FunctionDescriptor signature) {
    long address = MEMORY.get(LONG, MEMORY.get(LONG, table) + index * LONG.byteSize());
    return LINKER.downcallHandle(MemorySegment.ofAddress(address), signature);
  }

  /** A function by its number in the tool interface's documentation. */
  private MethodHandle tool(int number, MemoryLayout... parameters) {
    FunctionDescriptor signature =
        FunctionDescriptor.of(INT, LONG).appendArgumentLayouts(parameters);
    return function(env, number - 1, signature);
  }

  private static void check(String function, int result) {
    if (result != 0) {
      throw new IllegalStateException(function + " failed with " + result);
    }
  }

  /** How objects get from Java to native code and back. */
  static final class Bridge
      implements Thread.UncaughtExceptionHandler, Supplier<@Nullable Object>, Consumer<Object> {
    private @Nullable Object passing;

    @Override
    public @Nullable Object get() {
      return passing;
    }

    @Override
    public void accept(Object object) {
      passing = object;
    }

    @Override
    public void uncaughtException(Thread thread, Throwable error) {
      thread.getThreadGroup().uncaughtException(thread, error);
    }
  }

  /** The interface as one thread uses it. */
  final class Session implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment out = arena.allocate(2 * LONG.byteSize(), LONG.byteSize());
    private final MemorySegment frames =
        arena.allocate((long) FRAMES_PER_LOOK * FRAME_BYTES, LONG.byteSize());
    private final Bridge bridge;
    private final long jni;
    private final long bridgeRef;
    private final long get;
    private final long accept;
    private final long interrupted;

    private Session(Bridge bridge) throws Throwable {
      this.bridge = bridge;
      check("GetEnv", (int) getEnv.invokeExact(vm, out.address(), JNI_VERSION));
      jni = out.get(LONG, 0);
      long thread = global((long) findClass.invokeExact(jni, name("java/lang/Thread")));
      long supplier =
          global((long) findClass.invokeExact(jni, name("java/util/function/Supplier")));
      long consumer =
          global((long) findClass.invokeExact(jni, name("java/util/function/Consumer")));
      long currentThread =
          (long)
              getStaticMethodId.invokeExact(
                  jni, thread, name("currentThread"), name("()Ljava/lang/Thread;"));
      long handler =
          (long)
              getMethodId.invokeExact(
                  jni,
                  thread,
                  name("getUncaughtExceptionHandler"),
                  name("()Ljava/lang/Thread$UncaughtExceptionHandler;"));
      get =
          (long) getMethodId.invokeExact(jni, supplier, name("get"), name("()Ljava/lang/Object;"));
      accept =
          (long)
              getMethodId.invokeExact(jni, consumer, name("accept"), name("(Ljava/lang/Object;)V"));
      interrupted = (long) getFieldId.invokeExact(jni, thread, name("interrupted"), name("Z"));
      long self = global((long) callStaticObjectMethod.invokeExact(jni, thread, currentThread, 0L));
      bridgeRef = global((long) callObjectMethod.invokeExact(jni, self, handler, 0L));
      for (long used : new long[] {thread, supplier, consumer, self}) {
        release(used);
      }
    }

    private long name(String name) {
      return arena.allocateFrom(name).address();
    }

    private long global(long local) throws Throwable {
      return Jvmti.this.global(jni, local);
    }

    /** A reference to be released. */
    long reference(Object object) throws Throwable {
      bridge.accept(object);
      long reference = global((long) callObjectMethod.invokeExact(jni, bridgeRef, get, 0L));
      bridge.passing = null;
      return reference;
    }

    void release(long reference) throws Throwable {
      deleteGlobalRef.invokeExact(jni, reference);
    }

    private Object object(long reference) throws Throwable {
      out.set(LONG, 0, reference);
      callVoidMethod.invokeExact(jni, bridgeRef, accept, out.address());
      Object object = Objects.requireNonNull(bridge.passing);
      bridge.passing = null;
      return object;
    }

    /** Returns false if the thread has ended. */
    boolean suspend(long thread) throws Throwable {
      return (int) suspendThread.invokeExact(env, thread) == 0;
    }

    void resume(long thread) throws Throwable {
      check("ResumeThread", (int) resumeThread.invokeExact(env, thread));
    }

    /** Makes a suspended thread throw an error; false if it cannot be made to where it stands. */
    boolean stop(long thread, long error) throws Throwable {
      return (int) stopThread.invokeExact(env, thread, error) == 0;
    }

    /** The JVM interrupts whom it stops, to wake it; the thread is still suspended. */
    void clearInterrupt(long thread) throws Throwable {
      setBooleanField.invokeExact(jni, thread, interrupted, 0);
    }

    /** Whether a suspended thread was asleep, waiting or parked. */
    boolean isWaiting(long thread) throws Throwable {
      int result = (int) getThreadState.invokeExact(env, thread, out.address());
      return result == 0 && (out.get(INT, 0) & WAITING) != 0;
    }

    /** Looks at the next frames of a suspended thread, and returns how many there are. */
    int look(long thread, int depth) throws Throwable {
      int result =
          (int)
              getStackTrace.invokeExact(
                  env, thread, depth, FRAMES_PER_LOOK, frames.address(), out.address());
      return result == 0 ? out.get(INT, 0) : 0;
    }

    /** The method of a frame that was looked at: a number that stays the same. */
    long method(int frame) {
      return frames.get(LONG, (long) frame * FRAME_BYTES);
    }

    /** Where in its method a frame is that was looked at; negative in native code. */
    long location(int frame) {
      return frames.get(LONG, (long) frame * FRAME_BYTES + LONG.byteSize());
    }

    /** The instruction at a place, or -1 if there is none to be had. */
    int instruction(long method, long location) throws Throwable {
      int result =
          (int)
              getBytecodes.invokeExact(env, method, out.address(), out.address() + LONG.byteSize());
      if (result != 0) {
        return -1;
      }
      long code = out.get(LONG, LONG.byteSize());
      int found =
          location < out.get(INT, 0)
              ? Byte.toUnsignedInt(MEMORY.get(ValueLayout.JAVA_BYTE, code + location))
              : -1;
      int ignored = (int) deallocate.invokeExact(env, code);
      return found;
    }

    String methodName(long method) throws Throwable {
      int result = (int) getMethodName.invokeExact(env, method, out.address(), 0L, 0L);
      if (result != 0) {
        return "";
      }
      long chars = out.get(LONG, 0);
      String name = MEMORY.getString(chars);
      int ignored = (int) deallocate.invokeExact(env, chars);
      return name;
    }

    /** Returns null if the class is gone. */
    @Nullable Class<?> declaringClass(long method) throws Throwable {
      int result = (int) getMethodDeclaringClass.invokeExact(env, method, out.address());
      if (result != 0) {
        return null;
      }
      long reference = global(out.get(LONG, 0));
      Class<?> declaring = (Class<?>) object(reference);
      release(reference);
      return declaring;
    }

    @Override
    public void close() {
      try {
        release(bridgeRef);
      } catch (Throwable impossible) {
        throw new AssertionError(impossible);
      } finally {
        arena.close();
      }
    }
  }
}
