package import Logging
package import Scheduling
package import Wire
import ZeroMQ

/// The coordinator's end of the control port: a ROUTER on a thread of its own.
///
/// Events wait in a bounded inbox and are never dropped: when the reader is behind, the thread stops reading and TCP holds
/// the peers back. A message to a peer that is gone, or whose queue is full, is dropped and counted; the state machines
/// send what matters again. Messages are encoded and decoded on the caller's side, so a large one delays no other.
package final class ZeroMQCoordinatorTransport: CoordinatorTransport {
    /// The bound endpoint, with its port number.
    package let endpoint: Endpoint
    package let events: AsyncStream<CoordinatorTransportEvent>

    private let loop: SocketLoop<CoordinatorRole>
    private let counters: TransportCounters

    /// Binds.
    ///
    /// - Parameters:
    ///   - endpoint: on this machine only, unless `security` says more.
    ///   - peers: the number of workers that may be connected at once; decides how many open files are needed.
    /// - Throws: `EndpointError`, `FileDescriptorShortage`, `ZeroMQError` (`.addressInUse`, …): each names the remedy.
    package init(
        binding endpoint: Endpoint, security: PortSecurity = .local, peers: Int = 64,
        plan: SocketPlan = SocketPlan(),
        logger: Logger = Logger(label: "ponder.control")
    ) async throws {
        // Two for each peer, and 64 for libzmq, the database and the checkpoints.
        try FileDescriptorLimit.ensure(64 + 2 * peers)
        FileDescriptorLimit.raise()
        let counters = TransportCounters(logger: logger)
        self.counters = counters
        loop = try await SocketLoop(name: "ponder-control", capacity: 1 << 16) { wake in
            try CoordinatorRole(endpoint, security: security, plan: plan, counters: counters, wake: wake)
        }
        let (endpoint, inbox) = loop.shared
        self.endpoint = endpoint
        events = AsyncStream { await inbox.next()?.event(counters) }
    }

    package func send(_ message: Envelope<CoordinatorMessage>, to peer: PeerID) throws {
        let frames = try MessageCoder.encode(message)
        if !loop.post(.send(frames, to: peer)) {
            counters.count(
                \.overflowed, "message to \(peer) dropped: the transport is closed or its queue full")
        }
    }

    package func close() async { await loop.stop() }

    /// What could not be used or delivered so far.
    package var counts: TransportCounts { counters.now }
}
