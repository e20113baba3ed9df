package import Logging
import Reinforcement
package import Scheduling
package import Wire
import ZeroMQ

/// The worker's end of the control port: a DEALER on a thread of its own, its connection watched by a monitor.
///
/// Events wait in a bounded inbox and are never dropped: when the reader is behind, the thread stops reading.
/// A message that finds the queue full is dropped and counted; the state machine sends again what matters.
package final class ZeroMQWorkerTransport: WorkerTransport {
    /// Where it connects to.
    package let endpoint: Endpoint
    package let events: AsyncStream<WorkerTransportEvent>

    private let loop: SocketLoop<WorkerRole>
    private let counters: TransportCounters

    /// Starts connecting and returns; whether anybody is there only an answer tells.
    ///
    /// - Parameter keys: for a coordinator that asks for them.
    /// - Throws: `EndpointError`, `FileDescriptorShortage`, `ZeroMQError`.
    package init(
        connecting endpoint: Endpoint, keys: ClientKeys? = nil, plan: SocketPlan = SocketPlan(),
        logger: Logger = Logger(label: "ponder.control")
    ) async throws {
        try FileDescriptorLimit.ensure(64)
        self.endpoint = endpoint
        let counters = TransportCounters(logger: logger)
        self.counters = counters
        let handover = Handover<Inbox<WorkerRole.Arrival>>()
        loop = try await SocketLoop(name: "ponder-control", capacity: 1 << 14) { wake in
            let role = try WorkerRole(
                endpoint, keys: keys, plan: plan, counters: counters, logger: logger, wake: wake)
            handover.put(role.inbox)
            return role
        }
        let inbox = try handover.take()
        events = AsyncStream {
            guard let arrival = await inbox.next() else { return nil }
            return arrival.event(counters)
        }
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

    package func close() async { await loop.stop() }

    /// What could not be used or delivered so far.
    package var counts: TransportCounts { counters.now }
}
