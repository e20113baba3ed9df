import ZeroMQ

/// Tells a server that refuses from one that is only away, by how handshakes fail.
///
/// libzmq says nothing of a wrong server key: the other side cannot read the first message and hangs up, at once and
/// every time. A coordinator that is stopped, dying or not there yet fails otherwise: slowly, once, or before a
/// connection stands.
final class HandshakeTally {
    /// Failures in a row, and the time between the first and the last, that are no coincidence.
    static let failures = 4
    static let span = Duration.seconds(3)

    private static let remedyOfKeyedWorker = "give --keys DIR to the coordinator too, or to neither"

    private let endpoint: Endpoint
    private let keys: ClientKeys?
    /// A failure that takes longer than this is the other side's silence.
    private let quick: Duration
    private var beganAt: ContinuousClock.Instant?
    private var count = 0
    private var firstAt: ContinuousClock.Instant?

    init(_ endpoint: Endpoint, _ keys: ClientKeys?, plan: SocketPlan) {
        self.endpoint = endpoint
        self.keys = keys
        quick = plan.handshake / 2
    }

    func began() { beganAt = .now }

    func succeeded() {
        count = 0
        firstAt = nil
    }

    /// Why every other try would fail the same way; nil while that is not sure.
    func failed(_ failure: HandshakeFailure) -> String? {
        switch failure {
        case .refused(let status):
            return status == 400 ? "\(endpoint): \(refusal)" : nil
        case .protocol:
            guard failure.isMechanismMismatch else { return nil }
            return "\(endpoint): \(failure): "
                + (keys == nil ? "give --keys DIR to this side too" : Self.remedyOfKeyedWorker)
        case .noDetail:
            return brokeOff()
        }
    }

    private var refusal: String {
        guard let keys else { return "the coordinator lets nobody in without a key: say --keys DIR" }
        return
            "the coordinator refuses key \(keys.name) \(keys.own.publicKey.fingerprint): have \(keys.name).pub "
            + "authorized where it runs, with `ponder keys authorize`"
    }

    private func brokeOff() -> String? {
        // Without keys there is no key to be wrong: somebody else's port may become the coordinator's.
        guard let keys, let beganAt else { return nil }
        let now = ContinuousClock.now
        guard now - beganAt < quick else {
            succeeded()
            return nil
        }
        count += 1
        let first = firstAt ?? now
        firstAt = first
        guard count >= Self.failures, now - first >= Self.span else { return nil }
        // A coordinator without keys may hang up before its greeting, which would say so, is read.
        return "\(endpoint): the handshake broke off \(count) times: the key in \(keys.serverFile), "
            + "\(keys.server.fingerprint), is not this coordinator's (copy its coordinator.pub again), or the "
            + "coordinator has no keys (\(Self.remedyOfKeyedWorker)), or something else than Ponder listens there"
    }
}
