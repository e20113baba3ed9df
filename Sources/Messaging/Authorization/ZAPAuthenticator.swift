import ZeroMQ

/// Answers libzmq's question whether a key is accepted (ZAP, https://rfc.zeromq.org/spec/27/).
///
/// libzmq asks over an endpoint of the port's own context. It accepts no peer while nothing answers there.
final class ZAPAuthenticator {
    static let domain = "ponder"
    private static let endpoint = "inproc://zeromq.zap.01"

    private let socket: Socket
    private let allowList: AllowListWatcher
    private let log: RejectedPeerLog

    /// Must come before the port is bound.
    init(_ allowList: AllowListWatcher, log: RejectedPeerLog, in context: Context) throws(ZeroMQError) {
        self.allowList = allowList
        self.log = log
        socket = try Socket(.reply, in: context)
        try socket.bind(Self.endpoint)
    }

    func prepare(_ poller: Poller) { poller.add(socket, .readable) }

    /// Answers the requests that wait, 64 at most.
    func answerRequests() throws(ZeroMQError) {
        for _ in 0..<64 {
            guard let reception = try socket.receive(limits: ReceptionLimits(parts: 16, bytes: 4096)) else {
                return
            }
            try socket.send(answer(reception).map { .bytes(Array($0.utf8)) })
        }
    }

    /// The fields of a reply: version, request id, status, reason, user id, metadata.
    private func answer(_ reception: Reception) -> [String] {
        guard case .message(let parts) = reception, let request = Request(parts) else {
            return ["1.0", "", "400", "malformed request", "", ""]
        }
        let refusal: String
        if request.domain != Self.domain {
            refusal =
                "it asked for the domain \"\(request.domain.prefix(32))\", this port is \"\(Self.domain)\""
        } else if let key = request.key {
            if allowList.name(of: key) != nil { return ["1.0", request.id, "200", "OK", key.z85, ""] }
            refusal = "its key \(key.fingerprint) is not in \(allowList.file)"
        } else {
            refusal = "it has no key"
        }
        log.note(request.address, "was refused: \(refusal)")
        return ["1.0", request.id, "400", "key not accepted", "", ""]
    }

    /// A question of libzmq.
    private struct Request {
        let id: String
        let domain: String
        let address: String
        /// Nil when the peer uses another mechanism than CURVE.
        let key: CurvePublicKey?

        init?(_ parts: [Message]) {
            // Version, request id, domain, address, routing id, mechanism, credentials.
            guard parts.count >= 6, parts[0].bytes == Array("1.0".utf8) else { return nil }
            func text(_ index: Int) -> String { String(decoding: parts[index].bytes, as: UTF8.self) }
            id = text(1)
            domain = text(2)
            address = text(3)
            key = parts.count == 7 && text(5) == "CURVE" ? CurvePublicKey(bytes: parts[6].bytes) : nil
        }
    }
}

extension Socket {
    /// Makes a socket that is not bound yet ask its peers for keys, where `security` demands them.
    func requireKeys(_ security: PortSecurity) throws(ZeroMQError) {
        guard let allowList = security.allowList else { return }
        try set(.curveServer, true)
        try set(.curveSecretKey, allowList.keys.secretKey)
        try set(.zapDomain, ZAPAuthenticator.domain)
        // Without this option, every key would be accepted when no authenticator answers.
        try set(.zapEnforceDomain, true)
    }
}
