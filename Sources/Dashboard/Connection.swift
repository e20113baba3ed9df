import FlyingFox
import FlyingSocks
import Foundation
import Primitives

/// One client: its requests are read and answered in turn.
struct Connection: Sendable {
    /// How long a client may take.
    struct Patience: Sendable {
        /// From the first byte of a request, or from the last answer, to the request's end.
        var request = Duration.seconds(20)
        /// For an answer, or a message of a stream, to be taken.
        var answer = Duration.seconds(20)
    }

    let socket: AsyncSocket
    let patience: Patience
    let answer: @Sendable (HTTPRequest) async -> Reply

    /// Serves the client until it leaves, is refused or is too slow.
    func serve() async {
        // A client that left, or that was too slow, is no event: nobody waits for an answer any more.
        try? await answerAll()
        try? socket.close()
    }

    private func answerAll() async throws {
        var bytes = Data()
        while true {
            let request: HTTPRequest
            do {
                request = try await read(&bytes)
            } catch let refusal as Reply {
                return try await send(refusal, isLast: true)
            }
            let reply = await answer(request)
            let isLast = !request.isKept || reply.messages != nil
            try await send(reply, isLast: isLast)
            if let messages = reply.messages {
                for await message in messages { try await send([message]) }
            }
            if isLast { return }
        }
    }

    private func read(_ bytes: inout Data) async throws -> HTTPRequest {
        let deadline = ContinuousClock.now + patience.request
        while true {
            if let request = try RequestHead.take(from: &bytes) { return request }
            // A client that sends each byte in time must not have longer than one that sends all at once.
            guard .now < deadline else { throw SocketError.disconnected }
            bytes += try await SocketWaits.$deadline.withValue(deadline) {
                try await socket.read(atMost: 4096)
            }
        }
    }

    private func send(_ reply: Reply, isLast: Bool) async throws {
        try await send([reply.head(isLast: isLast), reply.body])
    }

    private func send(_ parts: [Data]) async throws {
        try await SocketWaits.$deadline.withValue(.now + patience.answer) {
            for part in parts { try await socket.write(part) }
        }
    }
}
