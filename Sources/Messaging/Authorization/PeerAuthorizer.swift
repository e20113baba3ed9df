import Primitives
import Scheduling
import ZeroMQ

/// Knows the key behind each connection of a port, and checks every message against the list as it is now.
///
/// libzmq checks a key when a connection is made, and never again. So the messages from and to a key that was revoked
/// later are stopped here.
struct PeerAuthorizer {
    enum Decision {
        case accepted(PeerID)
        /// `tell` is whether to send a refusal: at most one a second for each connection.
        case refused(PeerID, tell: Bool)
    }

    private struct KnownPeer {
        let id: PeerID
        let key: CurvePublicKey
    }

    /// Connections to remember.
    ///
    /// A coordinator admits 16,384 workers, and each may have left an old connection behind.
    static let capacity = 1 << 15

    private let allowList: AllowListWatcher?
    private var listVersion: Int
    private var peers = LRUDictionary<[UInt8], KnownPeer>(capacity: capacity)
    private var refusedAt = LRUDictionary<[UInt8], ContinuousClock.Instant>(capacity: capacity)

    init(_ security: PortSecurity) {
        allowList = security.allowList
        listVersion = allowList?.version ?? 0
    }

    /// How long the port's thread may wait for a message before it looks at the list again.
    var maximumWait: Duration { allowList == nil ? .seconds(1) : AllowListWatcher.interval }

    /// Whether a message counts, and who sent it.
    ///
    /// - Parameter parts: the routing id, and at least one part behind it, which carries the sender's key.
    /// - Returns: nil when there is no part behind the routing id.
    mutating func judge(_ parts: [Message]) -> Decision? {
        guard parts.count > 1 else { return nil }
        let routingID = parts[0].bytes
        let key = parts[1].userID.flatMap { CurvePublicKey(z85: $0) }
        return judge(routingID, key: key, address: parts[1].peerAddress ?? "local")
    }

    mutating func judge(_ routingID: [UInt8], key: CurvePublicKey?, address: String) -> Decision {
        if let known = peers[routingID], known.key == key {
            return allowList?.name(of: known.key) == nil ? refuse(known.id) : .accepted(known.id)
        }
        // libzmq makes routing ids of five bytes; the last four tell the connections of one host apart.
        var address = "\(address)#\(routingID.suffix(4).map { String($0, radix: 16) }.joined())"
        guard let allowList else { return .accepted(PeerID(bytes: routingID, address: address)) }
        // libzmq hands over no message without a key while the authenticator is enforced.
        guard let key else { return refuse(PeerID(bytes: routingID, address: address)) }
        let name = allowList.name(of: key)
        address += ", key \(name.map { "\($0) " } ?? "")\(key.fingerprint)"
        let peer = PeerID(bytes: routingID, address: address, key: key.fingerprint)
        guard name != nil else { return refuse(peer) }
        peers[routingID] = KnownPeer(id: peer, key: key)
        return .accepted(peer)
    }

    /// Whether a message may be sent to a peer now.
    mutating func mayReceive(_ peer: PeerID) -> Bool {
        guard let allowList else { return true }
        return peers[peer.bytes].map { allowList.name(of: $0.key) != nil } ?? false
    }

    /// Forgets a peer that is gone.
    mutating func forget(_ peer: PeerID) {
        peers[peer.bytes] = nil
        refusedAt[peer.bytes] = nil
    }

    /// The peers whose keys were removed from the list since the last call.
    mutating func revoked() -> [PeerID] {
        guard let allowList else { return [] }
        let version = allowList.version
        guard version != listVersion else { return [] }
        listVersion = version
        return peers.removeAll { allowList.name(of: $0.key) == nil }.map(\.id)
    }

    private mutating func refuse(_ peer: PeerID) -> Decision {
        let now = ContinuousClock.now
        if let last = refusedAt[peer.bytes], now - last < .seconds(1) { return .refused(peer, tell: false) }
        refusedAt[peer.bytes] = now
        return .refused(peer, tell: true)
    }
}

extension Refusal {
    /// The refusal of a peer whose key is not on the list.
    static func key(of peer: PeerID) -> Refusal {
        Refusal(
            subject: .key, ours: "not on the coordinator's list", theirs: peer.key ?? "none")
    }
}
