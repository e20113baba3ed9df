import Glibc
import Primitives
import Reinforcement
import Synchronization
import TestSupport
import Testing
import WeightTransfer
import Wire
import ZeroMQ

@testable import Messaging

struct `A socket loop` {
    private final class Counting: SocketRole {
        let log: Log
        init(_ log: Log) { self.log = log }
        func prepare(_ poller: Poller) {}
        var maximumWait: Duration { .seconds(1) }
        func execute(_ command: Int) { log.commands.withLock { $0.append(command) } }
        func turn() throws {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            let isBlocked = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGINT) == 1
            if isBlocked { log.signalsBlocked.store(true, ordering: .sequentiallyConsistent) }
            if log.commands.withLock({ $0.contains(-1) }) {
                throw ZeroMQError(.wrongState, operation: "test")
            }
        }
        func ended(_ error: (any Error)?, unexecuted commands: [Int]) {
            log.ends.withLock { $0.append(error == nil) }
        }
        deinit { log.gone.store(true, ordering: .sequentiallyConsistent) }
    }

    private final class Log: Sendable {
        let commands = Mutex<[Int]>([])
        let ends = Mutex<[Bool]>([])
        let gone = Atomic<Bool>(false)
        let signalsBlocked = Atomic<Bool>(false)
    }

    @Test func `carries out every command in order before it ends`() async throws {
        let log = Log()
        let loop = try await SocketLoop(name: "test", capacity: 1000) { _ in Counting(log) }
        for number in 0..<500 { #expect(loop.post(number)) }
        await loop.stop()
        #expect(log.commands.withLock { $0 } == Array(0..<500))
        #expect(log.ends.withLock { $0 } == [true])
        let gone = log.gone.load(ordering: .sequentiallyConsistent)
        #expect(gone)
        #expect(!loop.post(1))
        await loop.stop()
    }

    @Test func `keeps signals away from its thread`() async throws {
        let log = Log()
        let loop = try await SocketLoop(name: "test", capacity: 1) { _ in Counting(log) }
        // A command after the first turn; the loop takes one at a time, so some posts are refused.
        let end = ContinuousClock.now + .seconds(60)
        while !log.signalsBlocked.load(ordering: .sequentiallyConsistent), ContinuousClock.now < end {
            _ = loop.post(0)
            try await Task.sleep(for: .milliseconds(1))
        }
        await loop.stop()
        let isBlocked = log.signalsBlocked.load(ordering: .sequentiallyConsistent)
        #expect(isBlocked)
    }

    @Test func `ends by itself when its last owner is gone`() async throws {
        let log = Log()
        _ = try await SocketLoop(name: "test", capacity: 1) { _ in Counting(log) }
        let end = ContinuousClock.now + .seconds(10)
        while !log.gone.load(ordering: .sequentiallyConsistent), ContinuousClock.now < end {
            await Task.yield()
        }
        #expect(log.ends.withLock { $0 } == [true])
    }

    @Test func `passes on why it could not begin`() async {
        await #expect(throws: EndpointError.badWeightsPort(0)) {
            try await SocketLoop<Counting>(name: "test", capacity: 1) { _ in
                throw EndpointError.badWeightsPort(0)
            }
        }
    }

    @Test func `tells its role of the error that ends it`() async throws {
        let log = Log()
        let loop = try await SocketLoop(name: "test", capacity: 10) { _ in Counting(log) }
        #expect(loop.post(-1))
        let end = ContinuousClock.now + .seconds(10)
        while log.ends.withLock({ $0.isEmpty }), ContinuousClock.now < end { await Task.yield() }
        #expect(log.ends.withLock { $0 } == [false])
        #expect(!loop.post(1))
        await loop.stop()
    }
}

struct `A socket loop that fails` {
    /// Fails in its first turn, as soon as it may.
    private final class Failing: SocketRole {
        final class Signals: Sendable {
            let isTurning = Atomic<Bool>(false)
            let mayFail = Atomic<Bool>(false)
        }

        private let signals: Signals
        init(_ signals: Signals) { self.signals = signals }
        func prepare(_ poller: Poller) {}
        var maximumWait: Duration { .seconds(1) }
        func execute(_ command: CheckedContinuation<Bool, Never>) { command.resume(returning: true) }
        func turn() throws {
            signals.isTurning.store(true, ordering: .sequentiallyConsistent)
            while !signals.mayFail.load(ordering: .sequentiallyConsistent) { usleep(1000) }
            throw ZeroMQError(.wrongState, operation: "test")
        }
        func ended(_ error: (any Error)?, unexecuted commands: [CheckedContinuation<Bool, Never>]) {
            for command in commands { command.resume(returning: false) }
        }
    }

    @Test func `answers every command that it accepted and did not carry out`() async throws {
        let signals = Failing.Signals()
        let loop = try await SocketLoop(name: "test", capacity: 10) { _ in Failing(signals) }
        while !signals.isTurning.load(ordering: .sequentiallyConsistent) { await Task.yield() }
        // The loop has taken its commands, and has not failed yet.
        let isCarriedOut = await withCheckedContinuation { answer in
            #expect(loop.post(answer))
            signals.mayFail.store(true, ordering: .sequentiallyConsistent)
        }
        #expect(!isCarriedOut)
        await loop.stop()
    }

    @Test func `leaves no caller of a transport waiting`() async throws {
        let error = ZeroMQError(.wrongState, operation: "test")
        let counters = TransportCounters(logger: LogBook().logger)
        let endpoint = try Place.tcp.endpoint()
        let sample = SampleWeights(version: 1)
        let version = try PublishedVersions.Version(sample.manifest, bytes: SharedBuffer(sample.bytes))
        let server = try WeightServerRole(
            endpoint, security: .local, plan: .impatient, traffic: WeightTraffic(), counters: counters)
        let isPublished = await withCheckedContinuation { done in
            server.ended(error, unexecuted: [.publish(version, done)])
        }
        #expect(!isPublished)

        let worker = try WorkerRole(server.shared, keys: nil, plan: .impatient, counters: counters) {}
        await withCheckedContinuation { done in
            worker.ended(error, unexecuted: [.send([]), .reconnect(done)])
        }
        #expect(counters.now.overflowed == 1)
        #expect(await worker.shared.inbox.next() == nil)

        let client = try WeightClientRole(
            [.init(server.shared)], limits: .init(), relayRest: .zero, plan: .impatient, counters: counters)
        await #expect(throws: WeightFetchError.self) {
            _ = try await withCheckedThrowingContinuation { answer in
                client.ended(error, unexecuted: [.fetch(PolicyVersion(1), FetchCancellation(), answer)])
            }
        }
    }
}

struct `An inbox` {
    @Test func `is read in order and says when there is room again`() async {
        let woken = Atomic<Int>(0)
        let inbox = Messaging.Inbox<Int>(count: 3, bytes: 100) { woken.add(1, ordering: .relaxed) }
        for number in 0..<3 { inbox.put(number) }
        #expect(!inbox.hasRoom)
        #expect(await inbox.next() == 0)
        #expect(inbox.hasRoom)
        #expect(await inbox.next() == 1)
        let wakes = woken.load(ordering: .relaxed)
        #expect(wakes == 1)
        inbox.put(3)
        inbox.close()
        inbox.put(4)
        #expect(await inbox.next() == 2)
        #expect(await inbox.next() == 3)
        #expect(await inbox.next() == nil)
    }

    @Test func `is full by bytes, too`() async {
        let inbox = Messaging.Inbox<Int>(count: 100, bytes: 10) {}
        inbox.put(1, cost: 10)
        #expect(!inbox.hasRoom)
        _ = await inbox.next()
        #expect(inbox.hasRoom)
    }

    @Test func `lets go of a reader that waits when it is cancelled, filled or closed`() async {
        let inbox = Messaging.Inbox<Int>(count: 1, bytes: 1) {}
        let cancelled = Task { await inbox.next() }
        cancelled.cancel()
        #expect(await cancelled.value == nil)
        let served = Task { await inbox.next() }
        inbox.put(7)
        #expect(await served.value == 7)
        let last = Task { await inbox.next() }
        inbox.close()
        #expect(await last.value == nil)
    }
}
