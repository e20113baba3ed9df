import TestSupport
import Testing
import Wire

struct TransportTests {
    @Test(arguments: TransportConformance.allCases)
    func `the in-process transport conforms`(_ check: TransportConformance) async throws {
        let network = InProcessNetwork()
        try await check.check(
            TransportFixture(coordinator: network.coordinator, makeWorker: { network.makeWorker() }))
    }

    @Test(arguments: WeightConformance.allCases)
    func `the in-process weights conform`(_ check: WeightConformance) async throws {
        let server = InProcessWeights()
        try await check.check(WeightFixture(server: server, makeFetcher: { server.makeFetcher() }))
    }

    @Test func `what is no message is reported with its sender and why`() async throws {
        let network = InProcessNetwork()
        let worker = network.makeWorker()
        let inbox = Inbox(network.coordinator.events)
        worker.sendRaw([Array("hello".utf8)])
        let error = try await inbox.next("malformed message") { event in
            if case .malformed(_, let error) = event { error } else { nil }
        }
        #expect(error.code == .notPonder)
    }

    @Test func `the reference SHA-256 knows the standard's example`() {
        #expect(
            SHA256Reference.hexadecimal(Array("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
