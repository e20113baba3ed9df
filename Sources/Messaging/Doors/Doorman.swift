import Reinforcement
import Scheduling
import Wire
import ZeroMQ

/// Knows who is behind each connection of a port, and holds every message against the list as it is now.
///
/// libzmq asks for a key when a connection is made, and never again: what a revoked key still says or would be sent is
/// stopped here.
struct Doorman {
    enum Judgement {
        case admitted(PeerID)
        /// `tell` is whether to answer: at most once a second for each connection.
        case refused(PeerID, tell: Bool)
    }

    private struct Guest {
        let peer: PeerID
        let key: CurvePublicKey
    }

    private static let limit = 8192

    private let gate: Gate?
    private var edition: Int
    private var guests: [[UInt8]: Guest] = [:]
    private var told: [[UInt8]: ContinuousClock.Instant] = [:]

    init(_ security: PortSecurity) {
        gate = security.gate
        edition = gate?.edition ?? 0
    }

    /// How long the port's loop may wait: a revoked key is not to wait for somebody's message.
    var patience: Duration { gate == nil ? .seconds(1) : Gate.interval }

    /// Who sent a message; nil when it has no payload to tell by.
    mutating func judge(_ parts: [Message]) -> Judgement? {
        guard let gate else { return PeerID(parts: parts).map { .admitted($0) } }
        guard parts.count > 1 else { return nil }
        let name = parts[0].bytes
        guard let user = parts[1].userID, let key = CurvePublicKey(z85: user) else {
            // Cannot be, as long as libzmq asks; then nobody is let in.
            return PeerID(parts: parts).map { refuse($0) }
        }
        if let guest = guests[name], guest.key == key {
            return gate.name(of: key) == nil ? refuse(guest.peer) : .admitted(guest.peer)
        }
        guard var peer = PeerID(parts: parts) else { return nil }
        let fingerprint = key.fingerprint
        let title = gate.name(of: key)
        peer = PeerID(
            bytes: peer.bytes, address: "\(peer.address), key \(title.map { "\($0) " } ?? "")\(fingerprint)",
            key: fingerprint)
        guard title != nil else { return refuse(peer) }
        // Honest peers are back with their next message.
        if guests.count >= Self.limit { guests = [:] }
        guests[name] = Guest(peer: peer, key: key)
        return .admitted(peer)
    }

    /// Whether a message may go out to a peer now.
    func mayReceive(_ peer: PeerID) -> Bool {
        guard let gate else { return true }
        return guests[peer.bytes].map { gate.name(of: $0.key) != nil } ?? false
    }

    mutating func forget(_ peer: PeerID) {
        guests[peer.bytes] = nil
        told[peer.bytes] = nil
    }

    /// Those whose keys have been taken off the list since the last call.
    mutating func expelled() -> [PeerID] {
        guard let gate else { return [] }
        let edition = gate.edition
        guard edition != self.edition else { return [] }
        self.edition = edition
        let gone = guests.filter { gate.name(of: $0.value.key) == nil }
        for name in gone.keys { guests[name] = nil }
        return gone.values.map(\.peer)
    }

    private mutating func refuse(_ peer: PeerID) -> Judgement {
        let now = ContinuousClock.now
        if let last = told[peer.bytes], now - last < .seconds(1) { return .refused(peer, tell: false) }
        if told.count >= Self.limit { told = [:] }
        told[peer.bytes] = now
        return .refused(peer, tell: true)
    }
}

extension Refusal {
    /// For a peer whose key is not on the list, or no longer.
    static func key(of peer: PeerID) -> Refusal {
        Refusal(
            subject: .key, ours: "not on the coordinator's list", theirs: peer.key ?? "none")
    }
}
