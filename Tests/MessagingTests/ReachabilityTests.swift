import Foundation
import Testing

@testable import Messaging
@testable import ZeroMQ

/// What a process says of an endpoint at which nobody answers.
struct `Reasons for silence` {
    /// A port that was free a moment ago.
    private func freePort() throws -> String { try Socket(.router, in: Context()).bind("tcp://127.0.0.1:*") }

    /// What is said of an endpoint, asked until one of `parts` is in it: a busy machine may not find out in time.
    private func expect(_ parts: String..., of endpoint: String) async throws {
        let transport = try await ZeroMQWorkerTransport(connecting: try Endpoint(endpoint))
        var text = ""
        let end = ContinuousClock.now + .seconds(60)
        while !parts.contains(where: { text.contains($0) }), ContinuousClock.now < end {
            text = await transport.diagnosis()
        }
        await transport.close()
        #expect(parts.contains { text.contains($0) }, "\(text)")
    }

    @Test func `a port where no program listens`() async throws {
        try await expect("the connection is refused", of: freePort())
    }

    @Test func `a path where no program listens`() async throws {
        try await expect("No such file", of: "ipc:///nowhere/at/all")
    }

    @Test func `a name that does not exist`() async throws {
        // Where no name server can be asked, the name is not certain to be wrong.
        try await expect(
            "the name nosuch.invalid is unknown here", "no name server says", of: "tcp://nosuch.invalid:7000")
    }

    @Test func `a program that does not speak ZeroMQ`() async throws {
        let listener = try #require(Listener())
        try await expect("another program than Ponder", of: "tcp://127.0.0.1:\(listener.port)")
    }

    @Test func `a ZeroMQ port that is not a coordinator's`() async throws {
        let socket = try Socket(.router, in: Context())
        try await expect("does not answer as a coordinator", of: socket.bind("tcp://127.0.0.1:*"))
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
