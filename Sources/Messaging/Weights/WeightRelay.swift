import Foundation
package import Logging
import Reinforcement
import Scheduling
import WeightTransfer
import ZeroMQ

/// A cache of weight chunks between a coordinator and its workers: fetches each chunk once and serves it to many.
///
/// It knows chunks by their hashes alone, which it checks as workers do, so nobody needs to trust it, and it needs no
/// part in a run. Relays may stand behind relays: a chunk goes on as soon as it is there, so a chain of them takes
/// hardly longer than one copy.
package final class WeightRelay: Sendable {
    /// Where it is bound, the port filled in.
    package let endpoint: Endpoint

    private let loop: SocketLoop<WeightRelayRole>
    private let door: Door
    private let counters: TransportCounters
    private let book = WeightTraffic()

    /// Binds, starts connecting and returns.
    ///
    /// - Parameters:
    ///   - relays: who is asked for chunks before the coordinator is, the first one first.
    ///   - coordinator: the coordinator's weights endpoint.
    ///   - memory: bytes of chunks to hold.
    ///   - replyWithin: without any chunk for this long another source is asked.
    ///   - shutOut: told, on another thread, why the coordinator will never answer.
    /// - Throws: `EndpointError`, `FileDescriptorShortage`, `ZeroMQError`.
    package init(
        binding endpoint: Endpoint, security: PortSecurity = .local, coordinator: WeightClient.Source,
        relays: [WeightClient.Source] = [], memory: Int = 4 << 30, replyWithin: Duration = .seconds(5),
        relayRest: Duration = .seconds(10), plan: SocketPlan = SocketPlan(),
        logger: Logger = Logger(label: "ponder.relay"),
        shutOut: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        try FileDescriptorLimit.ensure(64 + 2 * relays.count)
        let counters = TransportCounters(logger: logger)
        self.counters = counters
        var limits = RelayCache<PeerID>.Limits()
        limits.bytes = memory
        limits.replyWithin = replyWithin
        let handover = Handover<Endpoint>()
        (loop, door) = try await SocketLoop.behindDoor(
            security, name: "ponder-relay", capacity: 1, logger: logger
        ) { [book, limits] door, context, _ in
            let role = try WeightRelayRole(
                endpoint, sources: relays + [coordinator], limits: limits, rest: relayRest, plan: plan,
                door: door,
                in: context, traffic: book, counters: counters, logger: logger, ended: shutOut)
            handover.put(role.endpoint)
            return role
        }
        self.endpoint = try handover.take()
    }

    package func close() async {
        await loop.stop()
        await door.close()
    }

    /// What could not be used or delivered so far.
    package var counts: TransportCounts { counters.now }

    /// Bytes of chunks that came and that went out again.
    package var traffic: (came: Int, went: Int) { book.now }
}
