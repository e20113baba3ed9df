import ZeroMQ

/// Tells a server that refuses this client from a server that is only away, by the way handshakes fail.
///
/// libzmq does not report a wrong server key: the other side cannot read the first message and hangs up, at once and
/// every time. A coordinator that is stopped, dying or not started fails differently: slowly, once, or before the
/// connection is made.
final class HandshakeFailures {
    /// Failures in a row, and the time between the first and the last, that rule out coincidence.
    static let minimumCount = 4
    static let minimumTime = Duration.seconds(3)

    private static let remedyWithKeys = "give --keys DIR to the coordinator too, or to neither"

    private let endpoint: Endpoint
    private let keys: ClientKeys?
    /// A handshake that takes longer than this failed because the other side said nothing.
    private let quick: Duration
    private var startedAt: ContinuousClock.Instant?
    private var count = 0
    private var firstAt: ContinuousClock.Instant?

    init(_ endpoint: Endpoint, _ keys: ClientKeys?, plan: SocketPlan) {
        self.endpoint = endpoint
        self.keys = keys
        quick = plan.handshake / 2
    }

    func started() { startedAt = .now }

    func succeeded() {
        count = 0
        firstAt = nil
    }

    /// Why every other try would fail the same way, nil while that is uncertain.
    func failed(_ failure: HandshakeFailure) -> String? {
        switch failure {
        case .refused(let status):
            return status == 400 ? "\(endpoint): \(refusal)" : nil
        case .protocol:
            guard failure.isMechanismMismatch else { return nil }
            return "\(endpoint): \(failure): "
                + (keys == nil ? "give --keys DIR to this side too" : Self.remedyWithKeys)
        case .noDetail:
            return brokeOff()
        }
    }

    private var refusal: String {
        guard let keys else { return "the coordinator accepts no worker without a key: give --keys DIR" }
        return
            "the coordinator refuses key \(keys.name) \(keys.own.publicKey.fingerprint): have \(keys.name).pub "
            + "authorized where it runs, with `ponder keys authorize`"
    }

    private func brokeOff() -> String? {
        // A client without keys keeps trying: another program may give up the port to the coordinator later.
        guard let keys, let startedAt else { return nil }
        let now = ContinuousClock.now
        guard now - startedAt < quick else {
            succeeded()
            return nil
        }
        count += 1
        let first = firstAt ?? now
        firstAt = first
        guard count >= Self.minimumCount, now - first >= Self.minimumTime else { return nil }
        // A coordinator without keys may hang up before its greeting is read, so this case is named as well.
        return "\(endpoint): the handshake broke off \(count) times: the key in \(keys.serverFile), "
            + "\(keys.server.fingerprint), is not this coordinator's (copy its coordinator.pub again), or the "
            + "coordinator has no keys (\(Self.remedyWithKeys)), or another program than Ponder listens there"
    }
}
