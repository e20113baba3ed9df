package import Logging
import Reinforcement
package import Scheduling
package import Wire
import ZeroMQ

/// The coordinator's end of the control port: a ROUTER on a thread of its own.
///
/// Events wait in a bounded inbox and are never dropped: when the reader is behind, the thread stops reading and the
/// peers are held back. Messages to send are dropped, and counted, for a peer that is gone or whose queue is full;
/// the state machines send again what matters. Messages are encoded and decoded on the caller's side, so a large one
/// does not hold up the others.
package final class ZeroMQCoordinatorTransport: CoordinatorTransport {
    /// Where it is bound, the port filled in.
    package let endpoint: Endpoint
    package let events: AsyncStream<CoordinatorTransportEvent>

    private let loop: SocketLoop<CoordinatorRole>
    private let door: Door
    private let counters: TransportCounters

    /// Binds.
    ///
    /// - Parameters:
    ///   - endpoint: on this machine only, unless `security` says more.
    ///   - peers: workers that may connect at a time; decides how many files must be allowed.
    /// - Throws: `EndpointError`, `FileDescriptorShortage`, `ZeroMQError` (`.addressInUse`, …): each names the remedy.
    package init(
        binding endpoint: Endpoint, security: PortSecurity = .local, peers: Int = 64,
        plan: SocketPlan = SocketPlan(),
        logger: Logger = Logger(label: "ponder.control")
    ) async throws {
        // Two ports, and what libzmq, the database and checkpoints open themselves.
        try FileDescriptorLimit.ensure(64 + 2 * peers)
        FileDescriptorLimit.raise()
        let counters = TransportCounters(logger: logger)
        self.counters = counters
        let handover = Handover<(Endpoint, Inbox<CoordinatorRole.Arrival>)>()
        (loop, door) = try await SocketLoop.behindDoor(
            security, name: "ponder-control", capacity: 1 << 16, logger: logger
        ) { door, context, wake in
            let role = try CoordinatorRole(
                endpoint, plan: plan, door: door, in: context, counters: counters, wake: wake)
            handover.put((role.endpoint, role.inbox))
            return role
        }
        let inbox: Inbox<CoordinatorRole.Arrival>
        (self.endpoint, inbox) = try handover.take()
        events = AsyncStream {
            guard let arrival = await inbox.next() else { return nil }
            return arrival.event(counters)
        }
    }

    package func send(_ message: Envelope<CoordinatorMessage>, to peer: PeerID) throws {
        let frames = try MessageCoder.encode(message)
        if !loop.post(.send(frames, to: peer)) {
            counters.count(
                \.overflowed, "message to \(peer) dropped: the transport is closed or its queue full")
        }
    }

    package func close() async {
        await loop.stop()
        await door.close()
    }

    /// What could not be used or delivered so far.
    package var counts: TransportCounts { counters.now }
}
