import Messaging

/// Passes a worker's weights on to other workers: a relay in the worker's own process, which it asks first.
actor WeightSharing {
    private let place: Endpoint
    private let security: PortSecurity
    /// The keys for the coordinator and for this process's own relay.
    private let keys: (coordinator: ClientKeys?, own: ClientKeys?)
    private let relays: [WeightClient.Source]
    private var open: (relay: WeightRelay, coordinator: Endpoint)?

    private let memory: Int

    /// - Parameters:
    ///   - place: the endpoint that others ask, checked before the worker takes work.
    ///   - memory: bytes of chunks to hold.
    /// - Throws: `EndpointError` for a place that may not be bound.
    init(
        at place: String, security: PortSecurity, keys: (coordinator: ClientKeys?, own: ClientKeys?),
        relays: [WeightClient.Source], memory: Int
    ) throws {
        self.place = try Endpoint(place).onThisMachine().checkedForBinding(security)
        self.security = security
        self.keys = keys
        self.relays = relays
        self.memory = memory
    }

    /// The sources to ask for chunks of this coordinator's weights; nil when the endpoint cannot be bound, which is logged.
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
            StandardError.tell(
                "workers pull weights from here, too, with: --weights \(relay.endpoint.advertised[0])")
            return own(relay)
        } catch {
            StandardError.tell("cannot pass weights on at \(place): \(error); others ask elsewhere")
            return nil
        }
    }

    /// Bytes received and sent so far, for the worker's last message.
    var traffic: String? {
        open.map {
            "passed weights on at \($0.relay.endpoint): fetched \($0.relay.traffic.received) bytes, served \($0.relay.traffic.sent)"
        }
    }

    private func own(_ relay: WeightRelay) -> WeightClient.Source {
        WeightClient.Source(relay.endpoint.dialedHere, keys: keys.own)
    }
}
