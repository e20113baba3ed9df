import Messaging
import TestSupport
import Testing

struct `ZeroMQ transports` {
    @Test(arguments: Place.allCases, TransportConformance.allCases)
    func `do what every transport must`(place: Place, check: TransportConformance) async throws {
        let coordinator = try await ZeroMQCoordinatorTransport(binding: place.endpoint())
        let endpoint = coordinator.endpoint
        try await check.check(
            TransportFixture(coordinator: coordinator) {
                try await ZeroMQWorkerTransport(connecting: endpoint)
            })
    }
}

struct `ZeroMQ transports with keys` {
    @Test(arguments: TransportConformance.allCases)
    func `do what every transport must`(check: TransportConformance) async throws {
        let keys = try Keyring(authorized: ["worker"])
        let coordinator = try await ZeroMQCoordinatorTransport(
            binding: Place.tcp.endpoint(), security: .keys(keys.allowList))
        let endpoint = coordinator.endpoint
        let client = try keys.client("worker")
        try await check.check(
            TransportFixture(coordinator: coordinator) {
                try await ZeroMQWorkerTransport(connecting: endpoint, keys: client)
            })
    }
}

struct `The weights port with keys` {
    @Test(arguments: WeightConformance.allCases)
    func `does what every weights port must`(check: WeightConformance) async throws {
        let keys = try Keyring(authorized: ["worker"])
        let server = try await WeightServer(binding: Place.tcp.endpoint(), security: .keys(keys.allowList))
        let endpoint = server.endpoint
        let client = try keys.client("worker")
        try await check.check(
            WeightFixture(server: server) { try await WeightClient(connecting: endpoint, keys: client) })
    }
}

struct `The weights port` {
    @Test(arguments: Place.allCases, WeightConformance.allCases)
    func `does what every weights port must`(place: Place, check: WeightConformance) async throws {
        let server = try await WeightServer(binding: place.endpoint())
        let endpoint = server.endpoint
        try await check.check(
            WeightFixture(server: server) { try await WeightClient(connecting: endpoint) })
    }
}
