import Coordination
import Host
import Messaging
import Rollouts

/// What passes the weights that come to a worker on to others: a relay in the worker's own process, which it asks first.
actor WeightSharing {
    private let place: Endpoint
    private let security: PortSecurity
    /// What this process dials the coordinator with, and what it dials its own relay with.
    private let keys: (coordinator: ClientKeys?, own: ClientKeys?)
    private let relays: [WeightClient.Source]
    private var open: (relay: WeightRelay, coordinator: Endpoint)?

    private let memory: Int

    /// - Parameters:
    ///   - place: where others ask, checked before any work is taken.
    ///   - memory: bytes of chunks to hold.
    /// - Throws: `EndpointError` for a place that may not be bound.
    init(
        at place: String, security: PortSecurity, keys: (coordinator: ClientKeys?, own: ClientKeys?),
        relays: [WeightClient.Source], memory: Int
    ) throws {
        self.place = try Endpoint(place).checkedForBinding(security)
        self.security = security
        self.keys = keys
        self.relays = relays
        self.memory = memory
    }

    /// Whom to ask for chunks of this coordinator's weights; nil where the place cannot be had, which is said.
    func source(for coordinator: Endpoint) async -> WeightClient.Source? {
        if let open, open.coordinator == coordinator { return own(open.relay) }
        await open?.relay.close()
        open = nil
        do {
            let relay = try await WeightRelay(
                binding: place, security: security,
                coordinator: WeightClient.Source(coordinator, keys: keys.coordinator), relays: relays,
                memory: memory)
            open = (relay, coordinator)
            let shown = relay.endpoint.advertised(host: HostName.own)
            StandardError.write("workers pull weights from here, too, with: --weights \(shown)")
            return own(relay)
        } catch {
            StandardError.write("cannot pass weights on at \(place): \(error); others ask elsewhere")
            return nil
        }
    }

    /// What came and what went out so far, for the worker's last words.
    var traffic: String? {
        open.map {
            "passed weights on at \($0.relay.endpoint): fetched \($0.relay.traffic.received) bytes, served \($0.relay.traffic.sent)"
        }
    }

    private func own(_ relay: WeightRelay) -> WeightClient.Source {
        WeightClient.Source(Self.dialed(relay.endpoint), keys: keys.own)
    }

    /// How this process dials a place of its own: a wildcard is no address.
    static func dialed(_ place: Endpoint) -> Endpoint { place.advertised(host: "127.0.0.1") }
}
