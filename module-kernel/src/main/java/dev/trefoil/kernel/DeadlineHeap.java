package dev.trefoil.kernel;

import dev.trefoil.hazmat.Clock;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines of a run: a tree in which no node is earlier than the one above it, linked through the
 * nodes, so that one that is taken out leaves nothing behind. Equal deadlines come out in the order in
 * which they were set.
 *
 * <p>It is a pairing heap. A node that comes is compared with the first one, and the later of them goes
 * below the earlier. So a deadline that is earlier than all others comes and goes in constant time, and
 * so does one that has none below it: most timeouts, as they are over before their time. Only when a
 * node with several below it goes are these compared, to find the one that takes its place; that takes
 * a logarithm of their number on average.
 *
 * <p>An average would allow that a million are directly below the first one, and all of them are looked
 * at in one go when its time has come. Hence the ranks: what goes below a larger tree is first joined
 * with the newest ones there, as a binary counter carries, as long as they are of its own rank or
 * smaller than both their neighbours. So the ranks below a node rise and then fall, which leaves room
 * for few. Nodes that are taken out leave ranks too high, which loosens this bound and breaks no promise.
 *
 * <p>What changes the heap is in one method, which calls nothing and makes nothing: whoever sets a
 * deadline may run out of stack or memory, and that must come before all of the change or not at all.
 */
final class DeadlineHeap {
  private @Nullable Timer first;
  private int size;
  private long lastOrder;

  int size() {
    return size;
  }

  /** The node whose deadline is next, or null. */
  @Nullable Timer first() {
    return first;
  }

  /** Time until the next deadline, negative if it is overdue; the largest number if there is none. */
  long nanosToFirst(Clock clock) {
    Timer next = first;
    if (next == null) {
      return Long.MAX_VALUE;
    }
    long now = clock.now();
    try {
      return Math.subtractExact(next.deadline, now);
    } catch (ArithmeticException centuries) {
      return next.deadline < now ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  /** Gives a node a deadline, or another one. */
  void put(Timer node, long deadline) {
    change(node, isIn(node), true, deadline, ++lastOrder);
  }

  /** Takes a node out, if it is here. */
  void remove(Timer node) {
    if (isIn(node)) {
      change(node, true, false, node.deadline, node.heapOrder);
    }
  }

  private boolean isIn(Timer node) {
    return node.heapNewer != null || node == first;
  }

  /** Takes a node out, or puts it in, or the one and then the other. */
  private void change(Timer node, boolean goes, boolean comes, long deadline, long order) {
    Timer below = node.heapBelow;
    Timer pairs = null;
    Timer tree = null;
    Timer other = null;
    boolean gone = false;
    while (true) {
      if (tree != null && other != null) {
        if (other.deadline < tree.deadline
            || (other.deadline == tree.deadline && other.heapOrder < tree.heapOrder)) {
          Timer earlier = other;
          other = tree;
          tree = earlier;
        }
        Timer newest = tree.heapBelow;
        if (tree.heapRank == other.heapRank) {
          tree.heapRank++;
        } else if (tree.heapRank < other.heapRank) {
          tree.heapRank = other.heapRank;
        } else {
          while (newest != null && newest.heapRank <= other.heapRank) {
            Timer older = newest.heapOlder;
            byte rank = other.heapRank;
            if (newest.heapRank == rank) {
              rank++;
            } else if (older == null || older.heapRank < newest.heapRank) {
              break;
            }
            Timer later = newest;
            if (newest.deadline < other.deadline
                || (newest.deadline == other.deadline && newest.heapOrder < other.heapOrder)) {
              later = other;
              other = newest;
            }
            Timer beside = other.heapBelow;
            if (beside != null) {
              beside.heapNewer = later;
            }
            later.heapOlder = beside;
            later.heapNewer = other;
            other.heapBelow = later;
            other.heapRank = rank;
            newest = older;
          }
          if (tree.heapRank < other.heapRank) {
            tree.heapRank = other.heapRank;
          }
        }
        if (newest != null) {
          newest.heapNewer = other;
        }
        other.heapOlder = newest;
        other.heapNewer = tree;
        tree.heapBelow = other;
        other = null;
      } else if (below != null) {
        if (tree != null) {
          tree.heapOlder = pairs;
          pairs = tree;
        }
        tree = below;
        other = tree.heapOlder;
        below = other == null ? null : other.heapOlder;
      } else if (pairs != null) {
        other = pairs;
        pairs = other.heapOlder;
      } else if (gone) {
        first = tree;
        return;
      } else {
        gone = true;
        if (goes) {
          // What was below the node has become one tree, if it was anything, which takes its place.
          Timer above = node.heapNewer;
          Timer older = node.heapOlder;
          Timer heir = tree == null ? older : tree;
          if (tree != null) {
            tree.heapOlder = older;
            if (older != null) {
              older.heapNewer = tree;
            }
          }
          if (heir != null) {
            heir.heapNewer = above;
          }
          if (above == null) {
            first = heir;
          } else if (above.heapBelow == node) {
            above.heapBelow = heir;
          } else {
            above.heapOlder = heir;
          }
          node.heapBelow = null;
          node.heapNewer = null;
          node.heapOlder = null;
          node.heapRank = 0;
          size--;
        }
        if (!comes) {
          return;
        }
        node.deadline = deadline;
        node.heapOrder = order;
        size++;
        tree = node;
        other = first;
      }
    }
  }
}
