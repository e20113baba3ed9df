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

struct `The weights port` {
    @Test(arguments: Place.allCases, WeightConformance.allCases)
    func `does what every weights port must`(place: Place, check: WeightConformance) async throws {
        let server = try await WeightServer(binding: place.endpoint())
        let endpoint = server.endpoint
        try await check.check(
            WeightFixture(server: server) { try await WeightClient(connecting: endpoint) })
    }
}
