package import Logging
package import Scheduling
package import Wire
import ZeroMQ

/// The worker's end of the control port: a DEALER on a thread of its own, with a monitor for its connection.
///
/// Events wait in a bounded inbox and are never dropped: when the reader is behind, the thread stops reading.
/// A message that finds the queue full is dropped and counted; the state machine sends what matters again.
package final class ZeroMQWorkerTransport: WorkerTransport {
    /// The coordinator's endpoint.
    package let endpoint: Endpoint
    package let events: AsyncStream<WorkerTransportEvent>

    private let loop: SocketLoop<WorkerRole>
    private let counters: TransportCounters

    /// Starts to connect and returns; only an answer tells whether a coordinator is there.
    ///
    /// - Parameter keys: for a coordinator that demands them.
    /// - Throws: `EndpointError`, `FileDescriptorShortage`, `ZeroMQError`.
    package init(
        connecting endpoint: Endpoint, keys: ClientKeys? = nil, plan: SocketPlan = SocketPlan(),
        logger: Logger = Logger(label: "ponder.control")
    ) async throws {
        try FileDescriptorLimit.ensure(64)
        self.endpoint = endpoint
        let counters = TransportCounters(logger: logger)
        self.counters = counters
        loop = try await SocketLoop(name: "ponder-control", capacity: 1 << 14) { wake in
            try WorkerRole(endpoint, keys: keys, plan: plan, counters: counters, wake: wake)
        }
        let inbox = loop.shared.inbox
        events = AsyncStream { await inbox.next()?.event(counters) }
    }

    package func send(_ message: Envelope<WorkerMessage>) throws {
        let frames = try MessageCoder.encode(message)
        if !loop.post(.send(frames)) {
            counters.count(\.overflowed, "message dropped: the transport is closed or its queue full")
        }
    }

    package func reconnect() async {
        await withCheckedContinuation { done in
            if !loop.post(.reconnect(done)) { done.resume() }
        }
    }

    package var address: String { endpoint.text }

    package func diagnosis() async -> String { await loop.shared.reachability.diagnosis() }

    package func close() async { await loop.stop() }

    /// What could not be used or delivered so far.
    package var counts: TransportCounts { counters.now }
}
