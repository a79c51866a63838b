package dev.trefoil.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trefoil.hazmat.Backend;
import dev.trefoil.hazmat.CancelReason;
import dev.trefoil.hazmat.Cancelled;
import dev.trefoil.hazmat.Hazmat;
import dev.trefoil.hazmat.RunOptions;
import dev.trefoil.tasks.CancelScope;
import dev.trefoil.tasks.ExceptionGroup;
import dev.trefoil.tasks.Trefoil;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every Throwable is serializable, and loggers and test runners rely on it. */
class SerializationTest {
  @SuppressWarnings("unchecked")
  private static <T> T copy(T object) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (T) in.readObject();
    }
  }

  @Test
  @Tag("T5")
  void aGroupKeepsItsMembersAcrossSerialization() throws Exception {
    ExceptionGroup inner = new ExceptionGroup("inner", List.of(new IOException("a")));
    ExceptionGroup group =
        new ExceptionGroup("outer", List.of(inner, new IllegalStateException("b")));
    ExceptionGroup copy = copy(group);
    assertThat(copy).hasMessage(group.getMessage());
    assertThat(copy.exceptions()).hasSize(2);
    assertThat(copy.leaves()).extracting(Throwable::getMessage).containsExactly("a", "b");
  }

  @Test
  @Tag("R49")
  void aCancelledKeepsItsReasonAcrossSerialization() throws Exception {
    List<Cancelled> seen = new ArrayList<>();
    Trefoil.run(
        RunOptions.defaults().withBackend(Backend.VIRTUAL_THREAD),
        () -> {
          CancelScope scope = CancelScope.create();
          scope.run(
              () -> {
                scope.cancel("enough");
                try {
                  Hazmat.yieldBriefly();
                } catch (Cancelled cancelled) {
                  seen.add(cancelled);
                  throw cancelled;
                }
              });
        });
    Cancelled copy = copy(seen.getFirst());
    assertThat(copy.reason().source()).isEqualTo(CancelReason.Source.EXPLICIT);
    assertThat(copy).hasMessage(seen.getFirst().getMessage()).hasMessageContaining("enough");
  }
}
