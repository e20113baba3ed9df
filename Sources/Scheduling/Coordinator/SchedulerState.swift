package import Reinforcement

/// The state of a coordinator: takes events in and returns actions, with no other effect.
///
/// It has no clock, socket, tensor or file: each event brings `now`, measured from any fixed start. A shell
/// executes the actions in order and sends `tick` at a steady rate, at least once a second.
///
/// A round is a pure function of (seed, step): a coordinator that restarts after a kill opens the same
/// assignments in a new incarnation and gets the same traces. So only a checkpoint's contents must be
/// durable. From this state these are the ledger and the assignments that were set aside, because leaving
/// them out changes a round.
///
/// | loop | consumes | waits for | unblocked by |
/// | --- | --- | --- | --- |
/// | dispatch | unassigned slots of open rounds | an idle worker with the round's policy | `ready`, results, HELLO |
/// | admission | results | `examined` | the shell's examination |
/// | leases | attempts that are out | a result | its deadline, or the silence of its worker |
/// | roster | HELLO, pings | a sign of life | silence, goodbye |
package struct SchedulerState: Sendable {
    package let configuration: Configuration
    /// The newest published policy; nil before the first one.
    package private(set) var newest: PolicyVersion?
    package internal(set) var ledger: Ledger
    /// Why the run cannot continue; set once, and no more work is handed out after that.
    package private(set) var failure: RunFailure?

    var rounds = Rounds()
    var leases = Leases()
    var pace = Pace()
    var roster = Roster()
    var setAside = SetAsideAssignments()
    /// Number of questions so far whether a worker lives.
    var challenges: UInt64 = 0
    var outbox: Outbox
    /// Time of the current event, or of the last one.
    private(set) var now: Duration
    private(set) var phase = Phase.running
    private(set) var activity = Activity.starting
    private(set) var waits: WaitTracker
    /// When the next search for stragglers is due.
    var stragglersDue = Duration.zero

    /// - Parameter ledger: the `Ledger.resumed()` of the checkpoint that this coordinator resumes from.
    package init(_ configuration: Configuration, ledger: Ledger = Ledger(), now: Duration) {
        self.configuration = configuration
        self.ledger = ledger
        self.now = now
        outbox = Outbox(stamp: configuration.stamp)
        waits = WaitTracker(ledger, now: now)
    }

    /// Whether the run continues, is saying goodbye to its workers, or is over.
    enum Phase: Sendable, Hashable {
        case running
        case leaving(Farewell, until: Duration)
        case over(Farewell)

        /// Why the run ends; nil while it continues.
        var farewell: Farewell? {
            switch self {
            case .running: nil
            case .leaving(let farewell, _), .over(let farewell): farewell
            }
        }
    }

    /// Handles one event and returns the actions that follow from it.
    ///
    /// - Parameter now: time since any fixed start; never decreases.
    package mutating func handle(_ event: Event, now: Duration) -> [Action] {
        pass(to: now)
        switch event {
        case .received(let envelope, let peer): receive(envelope, from: peer)
        case .malformed(let peer, let reason):
            outbox.record(.messageMalformed(address: peer.address, reason: reason))
            if let name = roster.name(of: peer) { strike(name, reason: reason) }
        case .incompatible(let peer, let theirs, let ours):
            refuse(
                Refusal(subject: .protocolVersion, ours: String(ours), theirs: String(theirs)), peer: peer)
        case .disconnected(let peer):
            if let name = roster.disconnect(peer) { grantClaims(of: name) }
        case .revoked(let peer): expel(peer)
        case .unsendable(let message, let reason):
            if case .assignment(let attempt, _) = message { fail(attempt, .unsendable, detail: reason) }
        case .recalled(let earlier): setAside = SetAsideAssignments(earlier)
        case .open(let assignments): open(assignments)
        case .published(let version): publish(version)
        case .examined(let attempt, let outcome): conclude(attempt, outcome)
        case .began(let activity): self.activity = activity
        case .shutdown(let farewell): shutDown(farewell)
        case .tick:
            loseSilentWorkers()
            expireLeases()
            releaseQuarantined()
        }
        dispatch()
        if event == .tick { doubleStragglers() }
        finishLeaving()
        if !event.isFrequent { noteWait() }
        return outbox.empty()
    }

    private mutating func noteWait() {
        // Listing the workers of a wait is slow, so it is done only when the ledger has stayed the same.
        if waits.ledger == ledger {
            waits.note(currentWait, now: now)
        } else {
            waits.restart(ledger, now: now)
        }
    }

    /// Advances the time.
    ///
    /// A coordinator that was stopped or busy did not listen in the meantime, so workers are not blamed for
    /// that time.
    private mutating func pass(to now: Duration) {
        let gap = now - self.now
        self.now = now
        guard gap >= configuration.silence / 2 else { return }
        roster.extendDeadlines(by: gap)
        leases.extendDeadlines(by: gap)
    }

    private mutating func receive(_ envelope: Envelope<WorkerMessage>, from peer: PeerID) {
        switch envelope.message {
        case .statusRequest:
            outbox.add(.answerStatus(peer))
            return
        case .hello(let hello):
            greet(hello, stamp: envelope.stamp, peer: peer)
            return
        default: break
        }
        guard let name = roster.name(of: peer), envelope.stamp == configuration.stamp else {
            outbox.send(.helloFirst, to: peer)
            return
        }
        roster.hear(name, at: now)
        switch envelope.message {
        case .ready(let version): roster[name]?.version = version
        case .ping(let standing):
            reconcile(standing, of: name)
            // The first farewell may be lost.
            outbox.send(phase.farewell.map { .farewell($0) } ?? .pong(newest: newest), to: peer)
        case .result(let result):
            outbox.send(.acknowledged(result.attempt), to: peer)
            admit(result, from: name)
        case .failed(let attempt, let reason):
            outbox.send(.acknowledged(attempt), to: peer)
            acceptFailure(attempt, reason: reason, from: name)
        case .goodbye(let returning): release(name, returning: returning)
        case .alive(let challenge): answerChallenge(challenge, from: name)
        case .hello, .statusRequest: break
        }
    }

    private mutating func publish(_ version: PolicyVersion) {
        // Workers load only the newest weights, so an older round would never finish; the error names it.
        if let stuck = rounds.open.first(where: { $0.id.version < version }) {
            fail(
                .invalidRound(stuck.id, reason: "policy \(version.rawValue) was published before its end"))
        }
        newest = version
        tellEveryone(.pong(newest: version))
    }

    mutating func fail(_ failure: RunFailure) {
        guard self.failure == nil else { return }
        self.failure = failure
        outbox.add(.fail(failure))
    }

    private mutating func tellEveryone(_ message: CoordinatorMessage) {
        for name in roster.presentNames {
            if let peer = roster[name]?.peer { outbox.send(message, to: peer) }
        }
    }

    private mutating func shutDown(_ farewell: Farewell) {
        switch phase {
        case .running: break
        // The second request ends the run at once.
        case .leaving(let first, _):
            phase = .leaving(first, until: now)
            return
        // Said again, because the shell that asks waits for it.
        case .over(let first):
            outbox.add(.over(first))
            return
        }
        for id in leases.all.map(\.id).sorted() {
            end(id, .cancelled, detail: "the run ends: \(farewell.rawValue)")
        }
        for round in rounds.cancelAll() { outbox.add(.cancel(round, farewell)) }
        phase = .leaving(farewell, until: now + configuration.timing.grace)
        tellEveryone(.farewell(farewell))
    }

    private mutating func finishLeaving() {
        guard case .leaving(let farewell, let until) = phase else { return }
        let isStaying = roster.presentNames.contains { roster[$0]?.isLeaving == false }
        // After an interruption the workers wait for the run to resume, so none of them says goodbye.
        guard !isStaying || now >= until || farewell == .interrupted else { return }
        phase = .over(farewell)
        outbox.add(.over(farewell))
    }
}
