import ZeroMQ

/// Answers libzmq's question whether a key may come in (ZAP, https://rfc.zeromq.org/spec/27/).
///
/// libzmq asks over an endpoint of the context that the port lives in, and lets nobody in while nobody answers.
final class AuthenticatorRole: SocketRole {
    typealias Command = Never

    static let domain = "ponder"
    private static let endpoint = "inproc://zeromq.zap.01"

    private let socket: Socket
    private let gate: Gate
    private let strangers: StrangerLog

    init(_ gate: Gate, strangers: StrangerLog, in context: Context) throws {
        self.gate = gate
        self.strangers = strangers
        socket = try Socket(.reply, in: context)
        try socket.bind(Self.endpoint)
    }

    func prepare(_ poller: Poller) { poller.add(socket, .readable) }

    var patience: Duration { .seconds(1) }

    func execute(_ command: Never) {}

    func turn() throws {
        for _ in 0..<64 {
            guard let reception = try socket.receive(limits: ReceptionLimits(parts: 16, bytes: 4096)) else {
                return
            }
            try socket.send(answer(reception).map { .bytes(Array($0.utf8)) })
        }
    }

    func ended(_ error: (any Error)?) {
        if let error { strangers.alarm("nobody can connect any more, the authenticator has ended: \(error)") }
    }

    /// Version, request, status, reason, user, metadata.
    private func answer(_ reception: Reception) -> [String] {
        guard case .message(let parts) = reception, let request = Request(parts) else {
            return ["1.0", "", "400", "not understood", "", ""]
        }
        let refusal: String
        if request.domain != Self.domain {
            refusal = "it asked for \"\(request.domain.prefix(32))\", which is not served here"
        } else if let key = request.key {
            if gate.name(of: key) != nil { return ["1.0", request.id, "200", "OK", key.z85, ""] }
            refusal = "its key \(key.fingerprint) is not in \(gate.file)"
        } else {
            refusal = "it has no key"
        }
        strangers.note(request.address, "was refused: \(refusal)")
        return ["1.0", request.id, "400", "this key may not come in", "", ""]
    }

    /// What libzmq asks.
    private struct Request {
        let id: String
        let domain: String
        let address: String
        /// Nil for another mechanism than CURVE.
        let key: CurvePublicKey?

        init?(_ parts: [Message]) {
            // Version, request, domain, address, routing id, mechanism, credentials.
            guard parts.count >= 6, parts[0].bytes == Array("1.0".utf8) else { return nil }
            func text(_ index: Int) -> String { String(decoding: parts[index].bytes, as: UTF8.self) }
            id = text(1)
            domain = text(2)
            address = text(3)
            key = parts.count == 7 && text(5) == "CURVE" ? CurvePublicKey(bytes: parts[6].bytes) : nil
        }
    }
}
