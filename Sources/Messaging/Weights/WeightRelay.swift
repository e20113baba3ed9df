package import Logging
import Scheduling
import WeightTransfer
import ZeroMQ

/// A cache of weight chunks between a coordinator and its workers: fetches each chunk once and serves it to many.
///
/// It knows chunks only by their hashes, which it and the workers check, so nobody needs to trust it, and it has no other
/// part in a run. A relay may fetch from another relay. It passes each chunk on at once, so a chain of relays takes hardly
/// longer than one copy.
package final class WeightRelay: Sendable {
    /// The bound endpoint, with its port number.
    package let endpoint: Endpoint

    private let loop: SocketLoop<WeightRelayRole>
    private let counters: TransportCounters
    private let counted = WeightTraffic()

    /// Binds, starts to connect and returns.
    ///
    /// - Parameters:
    ///   - relays: the places to ask for chunks before the coordinator, in this order.
    ///   - coordinator: the coordinator's weights endpoint.
    ///   - memory: bytes of chunks to hold.
    ///   - replyWithin: when no chunk has arrived for this long, another source is asked.
    ///   - relayRest: how long a relay that failed is not asked the first time.
    ///   - shutOut: gets the reason, on another thread, when the coordinator will never answer or the relay has failed.
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
        loop = try await SocketLoop(name: "ponder-relay", capacity: 1) { [counted, limits] _ in
            try WeightRelayRole(
                endpoint, security: security, sources: relays + [coordinator], limits: limits,
                rest: relayRest, plan: plan, traffic: counted, counters: counters, shutOut: shutOut)
        }
        self.endpoint = loop.shared
    }

    package func close() async { await loop.stop() }

    /// What could not be used or delivered so far.
    package var counts: TransportCounts { counters.now }

    /// Bytes of chunks that were received and sent so far.
    package var traffic: (received: Int, sent: Int) { counted.now }
}
