import Foundation
import TestNetwork
import Testing

@testable import Messaging
@testable import ZeroMQ

/// What a process says of an endpoint at which nobody answers.
struct `Reasons for silence` {
    /// A port that was free a moment ago.
    private func freePort() throws -> String { try Socket(.router, in: Context()).bind("tcp://127.0.0.1:*") }

    private func diagnosis(_ endpoint: String) async throws -> String {
        let transport = try await ZeroMQWorkerTransport(connecting: try Endpoint(endpoint))
        let text = await transport.diagnosis()
        await transport.close()
        return text
    }

    @Test func `a port where no program listens`() async throws {
        #expect(try await diagnosis(freePort()).contains("the connection is refused"))
    }

    @Test func `a path where no program listens`() async throws {
        let text = try await diagnosis("ipc:///nowhere/at/all")
        #expect(text.contains("No such file") && text.contains("--bind"))
    }

    @Test func `a name that does not exist`() async throws {
        let text = try await diagnosis("tcp://nosuch.invalid:7000")
        // Where no name server can be asked, the name is not certain to be wrong.
        #expect(
            text.contains("the name nosuch.invalid is unknown here") || text.contains("no name server says"))
    }

    @Test func `a program that does not speak ZeroMQ`() async throws {
        let listener = try #require(Listener())
        #expect(
            try await diagnosis("tcp://127.0.0.1:\(listener.port)").contains("another program than Ponder"))
    }

    @Test func `a ZeroMQ port that is not a coordinator's`() async throws {
        let socket = try Socket(.router, in: Context())
        let endpoint = try Endpoint(socket.bind("tcp://127.0.0.1:*"))
        let transport = try await ZeroMQWorkerTransport(connecting: endpoint)
        var text = ""
        let end = ContinuousClock.now + .seconds(30)
        while !text.contains("does not answer as a coordinator"), ContinuousClock.now < end {
            text = await transport.diagnosis()
        }
        #expect(text.contains("weights are on another port"))
        await transport.close()
    }

    @Test func `news is told once, and silence again only after a minute`() throws {
        let reachability = Reachability(try Endpoint("tcp://127.0.0.1:1"), role: "coordinator")
        #expect(reachability.news() == nil)
        reachability.reached(.connected)
        reachability.reached(.greeted)
        #expect(reachability.news() == .connected)
        #expect(reachability.news() == nil)
    }
}

/// Listens and accepts nothing.
private final class Listener {
    let port: UInt16
    private let descriptor: Int32

    init?() {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isListening else { return nil }
    }

    deinit { close(descriptor) }
}
