package dev.trefoil.tests.hazmat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.KernelProvider;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.Trefoil;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a container does that uninstalls the bundles. */
final class UnloadingTest {
  /** Is loaded together with a Trefoil of its own, and so is all that it names. */
  public static final class Program implements Callable<Object> {
    private final String backend;

    public Program(String backend) {
      this.backend = backend;
    }

    @Override
    public Object call() {
      return Trefoil.run(
          RunOptions.defaults().withBackend(Backend.valueOf(backend)),
          () -> {
            Hazmat.yieldBriefly();
            return "ran";
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CONTINUATION", "VIRTUAL_THREAD"})
  @Tag("T1")
  @Timeout(60)
  void trefoilCanBeUnloadedSoonAfterItsLastRun(Backend backend) throws Exception {
    WeakReference<ClassLoader> loader = runAndForget(backend);
    // Its watchdog lingers for a moment; there is nothing to wait for but the collector.
    while (loader.get() != null) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(50);
    }
    assertThat(loader.get()).isNull();
  }

  private static WeakReference<ClassLoader> runAndForget(Backend backend) throws Exception {
    Class<?> kernel = KernelProvider.find().getClass();
    URL[] urls = {
      urlOf(Hazmat.class), urlOf(kernel), urlOf(Trefoil.class), urlOf(UnloadingTest.class)
    };
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader own = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
      Thread.currentThread().setContextClassLoader(own);
      Class<?> program = own.loadClass(Program.class.getName());
      assertThat(program).isNotSameAs(Program.class);
      Callable<?> run =
          (Callable<?>) program.getConstructor(String.class).newInstance(backend.name());
      assertThat(run.call()).isEqualTo("ran");
      return new WeakReference<>(own);
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  private static URL urlOf(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }
}
