package dev.trefoil.benchmarks

import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield

/** The jobs as kotlinx.coroutines does them, on one thread. Each returns what its caller checks. */
object KotlinJobs {
    private const val FAR: Long = 3_600_000

    @JvmStatic
    fun yields(tasks: Int, each: Int): Int = runBlocking { yieldInTurn(tasks, each) }

    private suspend fun yieldInTurn(tasks: Int, each: Int): Int {
        var done = 0
        coroutineScope {
            repeat(tasks) {
                launch {
                    repeat(each) {
                        yield()
                        done++
                    }
                }
            }
        }
        return done
    }

    @JvmStatic
    fun spawns(rounds: Int, children: Int): Int = runBlocking { spawnInRounds(rounds, children) }

    private suspend fun spawnInRounds(rounds: Int, children: Int): Int {
        var done = 0
        repeat(rounds) {
            coroutineScope {
                repeat(children) {
                    launch { done++ }
                }
            }
        }
        return done
    }

    @JvmStatic
    fun skynet(size: Int): Long = runBlocking { skynet(0, size) }

    private suspend fun skynet(number: Long, size: Int): Long =
        if (size == 1) {
            number
        } else {
            coroutineScope {
                val part = size / 10
                val children = List(10) { async { skynet(number + it.toLong() * part, part) } }
                children.awaitAll().sum()
            }
        }

    @JvmStatic
    fun lockAndUnlock(operations: Int): Int = runBlocking {
        val mutex = Mutex()
        var count = 0
        repeat(operations) {
            mutex.lock()
            count++
            mutex.unlock()
        }
        count
    }

    @JvmStatic
    fun handOverLock(tasks: Int, each: Int): Int = runBlocking {
        val mutex = Mutex()
        var count = 0
        coroutineScope {
            repeat(tasks) {
                launch {
                    repeat(each) {
                        mutex.lock()
                        val seen = count
                        yield()
                        count = seen + 1
                        mutex.unlock()
                    }
                }
            }
        }
        count
    }

    @JvmStatic
    fun channel(capacity: Int, producers: Int, consumers: Int, items: Array<Int>, each: Int): Long = runBlocking {
        val channel = Channel<Int>(capacity)
        var sum = 0L
        coroutineScope {
            repeat(producers) {
                launch {
                    for (i in 0 until each) {
                        channel.send(items[i % items.size])
                    }
                }
            }
            repeat(consumers) {
                launch {
                    var received = 0L
                    repeat(each * producers / consumers) { received += channel.receive() }
                    sum += received
                }
            }
        }
        sum
    }

    @JvmStatic
    fun putAndGet(operations: Int, items: Array<Int>): Long = runBlocking {
        val channel = Channel<Int>(100)
        var sum = 0L
        for (i in 0 until operations) {
            channel.send(items[i % items.size])
            sum += channel.receive()
        }
        sum
    }

    @JvmStatic
    fun timeouts(tasks: Int, each: Int): Int = runBlocking { yieldWithTimeout(tasks, each) }

    private suspend fun yieldWithTimeout(tasks: Int, each: Int): Int = coroutineScope {
        List(tasks) { async { yieldWithTimeout(each) } }.awaitAll().sum()
    }

    private suspend fun yieldWithTimeout(operations: Int): Int {
        var count = 0
        repeat(operations) {
            withTimeout(60_000) {
                yield()
                count++
            }
        }
        return count
    }

    @JvmStatic
    fun sleepers(count: Int, maxMillis: Int): Int = runBlocking {
        var woken = 0
        coroutineScope {
            for (i in 0 until count) {
                launch {
                    delay(1L + i % maxMillis)
                    woken++
                }
            }
        }
        woken
    }

    @JvmStatic
    fun ring(members: Int, hops: Int): Int = runBlocking {
        val channels = List(members) { Channel<Int>(1) }
        var last = -1
        coroutineScope {
            for (member in 0 until members) {
                launch {
                    val next = channels[(member + 1) % members]
                    for (token in channels[member]) {
                        if (token == 0) {
                            last = member
                            channels.forEach { it.close() }
                        } else {
                            next.send(token - 1)
                        }
                    }
                }
            }
            channels[0].send(hops)
        }
        last
    }

    @JvmStatic
    fun requests(operations: Int, items: Array<Int>): Long = runBlocking {
        val requests = Channel<Int>(Channel.RENDEZVOUS)
        val replies = Channel<Int>(Channel.RENDEZVOUS)
        var sum = 0L
        coroutineScope {
            launch {
                repeat(operations) { replies.send(requests.receive()) }
            }
            for (i in 0 until operations) {
                sum += withTimeout(60_000) {
                    requests.send(items[i % items.size])
                    replies.receive()
                }
            }
        }
        sum
    }

    /** A run that lasts, with coroutines that wait, each under a far timeout. */
    class Resident : AutoCloseable {
        private lateinit var scope: CoroutineScope
        private val end = Job()
        private var parked: Job? = null
        private val thread: Thread

        init {
            val ready = CountDownLatch(1)
            thread = thread(isDaemon = true) {
                runBlocking {
                    scope = this
                    ready.countDown()
                    end.join()
                }
            }
            ready.await()
        }

        fun park(tasks: Int): Int = call {
            var begun = 0
            parked = scope.launch {
                repeat(tasks) {
                    launch {
                        withTimeout(FAR) {
                            begun++
                            awaitCancellation()
                        }
                    }
                }
            }
            while (begun < tasks) {
                yield()
            }
            begun
        }

        /** As [park], but without the timeouts. */
        fun parkBare(tasks: Int): Int = call {
            var begun = 0
            parked = scope.launch {
                repeat(tasks) {
                    launch {
                        begun++
                        awaitCancellation()
                    }
                }
            }
            while (begun < tasks) {
                yield()
            }
            begun
        }

        fun cancelParked(): Boolean = call {
            val all = parked!!
            all.cancelAndJoin()
            all.isCancelled
        }

        fun yields(tasks: Int, operations: Int): Int = call { yieldInTurn(tasks, operations / tasks) }

        fun spawns(rounds: Int, children: Int): Int = call { spawnInRounds(rounds, children) }

        fun timeouts(tasks: Int, operations: Int): Int = call { yieldWithTimeout(tasks, operations / tasks) }

        /** From the calling thread, one launch for each. */
        fun enter(operations: Int, action: Runnable) {
            repeat(operations) {
                scope.launch(start = CoroutineStart.DEFAULT) { action.run() }
            }
        }

        override fun close() {
            scope.launch {
                parked?.cancelAndJoin()
                end.complete()
            }
            thread.join()
        }

        private fun <T> call(block: suspend CoroutineScope.() -> T): T {
            val result = CompletableFuture<T>()
            scope.launch {
                try {
                    result.complete(block())
                } catch (error: Throwable) {
                    result.completeExceptionally(error)
                }
            }
            return result.get()
        }
    }
}
