import Reinforcement
import Scheduling
import TestSupport
import Testing
import WeightTransfer

/// A worker's state with its time moved by hand.
struct WorkerHarness {
    var state: WorkerState
    var now = Duration.zero
    var actions: [WorkerState.Action] = []
    static let timing = WorkerTiming(
        ping: .seconds(1), silence: .seconds(8), gone: .seconds(60), grace: .seconds(10))

    init() {
        state = WorkerState(
            WorkerState.Identity(name: "worker-1", instance: 7, host: "h", process: 1, machine: "m"),
            timing: Self.timing, now: .zero)
    }

    /// Started, welcomed and in possession of policy 0.
    static func ready() -> WorkerHarness {
        var harness = WorkerHarness()
        harness.tell(.start)
        harness.hear(.welcome(harness.welcome()))
        harness.tell(.weightsReady(PolicyVersion(0)))
        harness.actions = []
        return harness
    }

    func welcome(newest: Int? = 0, documents: RunDocuments? = Samples.documents) -> Welcome {
        Welcome(
            digests: Samples.digests, documents: documents, newest: newest.map { PolicyVersion($0) },
            weights: .port(1), timing: Self.timing)
    }

    mutating func tell(_ event: WorkerState.Event) { actions += state.handle(event, now: now) }

    mutating func hear(_ message: CoordinatorMessage, stamp: RunStamp = Samples.stamp) {
        tell(.received(Envelope(stamp: stamp, message: message)))
    }

    /// Moves time on with ticks; the coordinator answers pings, or says nothing.
    mutating func wait(_ time: Duration, hearing: Bool = true) {
        let end = now + time
        while now < end {
            now = min(end, now + .milliseconds(250))
            if hearing { hear(.pong(newest: nil)) }
            tell(.tick)
        }
    }

    mutating func clear() { actions = [] }

    var sent: [WorkerMessage] {
        actions.compactMap { action in
            if case .send(let envelope) = action { envelope.message } else { nil }
        }
    }

    var results: [AttemptID] {
        sent.compactMap { message in
            if case .result(let result) = message { result.attempt } else { nil }
        }
    }

    var hellos: [Hello] {
        sent.compactMap { message in
            if case .hello(let hello) = message { hello } else { nil }
        }
    }

    var exit: (code: Int32, reason: String)? {
        for case .exit(let code, let reason) in actions { return (code, reason) }
        return nil
    }
}

struct WorkerStateTests {
    let assignment = Samples.round()[0]
    var attempt: AttemptID { Samples.attempt(of: assignment) }
    var result: RolloutResult { Samples.result(attempt, assignment) }

    /// A worker that has generated `attempt` and is not yet told that its result arrived.
    private func pending() -> WorkerHarness {
        var harness = WorkerHarness.ready()
        harness.hear(.assignment(attempt, assignment))
        harness.tell(.rolloutFinished(result))
        return harness
    }

    @Test func `the way from HELLO to the first result`() {
        var harness = WorkerHarness()
        harness.tell(.start)
        #expect(harness.hellos.count == 1)
        #expect(harness.hellos[0].digests == nil)
        harness.clear()
        harness.hear(.welcome(harness.welcome()))
        #expect(
            harness.actions == [
                .prepare(harness.welcome()), .note("connected to the coordinator, policy 0"),
                .fetch(PolicyVersion(0)),
            ])
        harness.clear()
        harness.tell(.weightsReady(PolicyVersion(0)))
        #expect(harness.sent == [.ready(PolicyVersion(0))])
        harness.clear()
        harness.hear(.assignment(attempt, assignment))
        #expect(harness.actions == [.generate(attempt, assignment)])
        harness.clear()
        harness.tell(.rolloutFinished(result))
        #expect(harness.sent == [.result(result)])
        #expect(harness.actions == [.send(Envelope(stamp: Samples.stamp, message: .result(result)))])
    }

    private func notes(_ harness: WorkerHarness) -> [String] {
        harness.actions.compactMap { action in
            if case .note(let text) = action { text } else { nil }
        }
    }

    @Test
    func `a worker says whom it dials, why nobody answers after 5 s and each minute, and again at the end`() {
        var harness = WorkerHarness()
        harness.tell(.start)
        #expect(notes(harness) == ["dialing the coordinator"])
        harness.wait(.milliseconds(4500), hearing: false)
        #expect(!harness.actions.contains(.diagnose))
        harness.wait(.milliseconds(750), hearing: false)
        #expect(harness.actions.contains(.diagnose))
        harness.clear()
        harness.tell(.diagnosed("the connection is refused"))
        #expect(
            notes(harness) == [
                "no answer from the coordinator for 5.3 s: the connection is refused; trying again"
            ])
        harness.wait(.seconds(60), hearing: false)
        #expect(harness.actions.filter { $0 == .diagnose }.isEmpty)
        #expect(harness.exit?.code == 3)
        #expect(
            harness.exit?.reason == "no answer from the coordinator for 60 s: the connection is refused")
    }

    @Test func `a connected worker says so, and tells every minute how it gets on`() {
        var harness = WorkerHarness.ready()
        harness.hear(.assignment(attempt, assignment))
        harness.tell(.rolloutFinished(result))
        harness.hear(.acknowledged(attempt))
        harness.clear()
        // The answer to a HELLO that was said twice.
        harness.hear(.welcome(harness.welcome(documents: nil)))
        #expect(notes(harness).isEmpty)
        harness.wait(.seconds(61))
        let rate = Int((Double(result.tokenCount) / 60).rounded())
        #expect(notes(harness) == ["\(result.traces.count) responses in 60 s, \(rate) tokens/s, policy 0"])
        harness.clear()
        harness.wait(.seconds(60))
        #expect(notes(harness) == ["no response in 60 s, policy 0: waiting for an assignment"])
    }

    @Test func `HELLO is said again, ever more slowly, and on a new connection now and then`() {
        var harness = WorkerHarness()
        harness.tell(.start)
        harness.wait(.seconds(30), hearing: false)
        // After 1, 2, 4, 8, 8 seconds …
        #expect(harness.hellos.count == 6)
        #expect(harness.actions.filter { $0 == .reconnect }.count == 1)
    }

    @Test func `a result is sent until it is acknowledged, ever more slowly`() {
        var harness = pending()
        #expect(harness.results == [attempt])
        harness.wait(.seconds(16))
        // After 1, 2, 4, 8 seconds.
        #expect(harness.results.count == 5)
        harness.hear(.acknowledged(attempt))
        harness.clear()
        harness.wait(.seconds(30))
        #expect(harness.results.isEmpty)
    }

    @Test func `work goes on while a result waits to be acknowledged`() {
        var harness = pending()
        let next = Samples.round()[1]
        harness.hear(.assignment(Samples.attempt(of: next), next))
        #expect(harness.actions.last == .generate(Samples.attempt(of: next), next))
        #expect(harness.state.waitingFor == "attempt 1 of assignment 1 of the training round of step 0")
    }

    @Test func `a failure is told until it is acknowledged, like a result`() {
        var harness = WorkerHarness.ready()
        harness.hear(.assignment(attempt, assignment))
        harness.tell(.rolloutFailed(attempt, reason: "no memory"))
        harness.wait(.seconds(2))
        let failure = WorkerMessage.failed(attempt, reason: "no memory")
        #expect(harness.sent.filter { $0 == failure }.count == 2)
        harness.hear(.acknowledged(attempt))
        harness.clear()
        harness.wait(.seconds(20))
        #expect(!harness.sent.contains(failure))
    }

    @Test func `an assignment that comes twice is generated once`() {
        var harness = WorkerHarness.ready()
        harness.hear(.assignment(attempt, assignment))
        harness.hear(.assignment(attempt, assignment))
        harness.tell(.rolloutFinished(result))
        harness.hear(.assignment(attempt, assignment))
        harness.hear(.acknowledged(attempt))
        harness.hear(.assignment(attempt, assignment))
        #expect(harness.actions.filter { $0 == .generate(attempt, assignment) }.count == 1)
        // While it was not acknowledged, asking again was answered with the result.
        #expect(harness.results.count == 2)
    }

    @Test func `every ping tells what the worker holds`() {
        var harness = pending()
        let next = Samples.round()[1]
        harness.hear(.assignment(Samples.attempt(of: next), next))
        harness.clear()
        harness.wait(.seconds(1))
        #expect(
            harness.sent.contains(
                .ping(
                    WorkerStanding(
                        version: PolicyVersion(0), working: [Samples.attempt(of: next)], pending: [attempt])))
        )
    }

    @Test func `a newer policy during a fetch abandons it cleanly, and no policy is claimed meanwhile`() {
        var harness = WorkerHarness.ready()
        harness.hear(.pong(newest: PolicyVersion(1)))
        #expect(harness.actions == [.fetch(PolicyVersion(1))])
        #expect(harness.state.version == nil)
        harness.clear()
        harness.hear(.pong(newest: PolicyVersion(2)))
        harness.hear(.pong(newest: PolicyVersion(1)))
        #expect(harness.actions == [.abandonFetch(PolicyVersion(1))])
        harness.clear()
        // Whether it had come to its end or not, it is not used.
        harness.tell(.weightsReady(PolicyVersion(1)))
        #expect(harness.actions == [.fetch(PolicyVersion(2))])
        #expect(harness.state.version == nil)
        harness.tell(.weightsReady(PolicyVersion(2)))
        #expect(harness.sent == [.ready(PolicyVersion(2))])
    }

    @Test func `weights are not changed under a rollout`() {
        var harness = WorkerHarness.ready()
        harness.hear(.assignment(attempt, assignment))
        harness.clear()
        harness.hear(.pong(newest: PolicyVersion(1)))
        #expect(harness.actions.isEmpty)
        harness.hear(.abandon(attempt))
        #expect(harness.actions == [.abandonRollout(attempt)])
        harness.clear()
        harness.tell(.rolloutFinished(result))
        #expect(harness.actions == [.fetch(PolicyVersion(1))])
    }

    /// Of step 2 with a bound of 2, to be gone on with.
    private var going: Assignment { Samples.round(step: 2, staleness: 2, onNewWeights: .continue)[0] }

    @Test func `a rollout goes on with newer weights where the assignment says so`() {
        var harness = WorkerHarness.ready()
        let attempt = Samples.attempt(of: going)
        harness.hear(.assignment(attempt, going))
        harness.clear()
        harness.hear(.pong(newest: PolicyVersion(1)))
        #expect(harness.actions == [.fetch(PolicyVersion(1))])
        // It computes with the old policy until the new one is whole.
        #expect(harness.state.version == PolicyVersion(0))
        harness.clear()
        harness.tell(.weightsReady(PolicyVersion(1)))
        #expect(harness.sent == [.ready(PolicyVersion(1))])
        harness.hear(.pong(newest: PolicyVersion(2)))
        harness.tell(.weightsReady(PolicyVersion(2)))
        harness.clear()
        harness.tell(.rolloutFinished(Samples.result(attempt, going)))
        #expect(harness.results == [attempt])
        #expect(harness.state.version == PolicyVersion(2))
    }

    @Test func `a rollout that ends during its fetch leaves no policy until the new one is whole`() {
        var harness = WorkerHarness.ready()
        let attempt = Samples.attempt(of: going)
        harness.hear(.assignment(attempt, going))
        harness.hear(.pong(newest: PolicyVersion(1)))
        harness.tell(.rolloutFinished(Samples.result(attempt, going)))
        #expect(harness.state.version == nil)
        let next = Samples.round(step: 2, staleness: 2, onNewWeights: .continue)[1]
        harness.hear(.assignment(Samples.attempt(of: next), next))
        harness.clear()
        harness.tell(.weightsReady(PolicyVersion(1)))
        #expect(harness.actions.last == .generate(Samples.attempt(of: next), next))
    }

    @Test func `weights that an assignment does not admit wait for its end`() {
        var harness = WorkerHarness.ready()
        harness.hear(.assignment(Samples.attempt(of: going), going))
        harness.clear()
        harness.hear(.pong(newest: PolicyVersion(3)))
        #expect(harness.actions.isEmpty)
    }

    @Test func `an assignment for a policy that is still being fetched waits for it`() {
        var harness = WorkerHarness.ready()
        let next = Samples.round(step: 1)[0]
        harness.hear(.assignment(Samples.attempt(of: next), next))
        harness.hear(.pong(newest: PolicyVersion(1)))
        harness.clear()
        harness.tell(.weightsReady(PolicyVersion(1)))
        #expect(harness.actions.last == .generate(Samples.attempt(of: next), next))
    }

    @Test func `a fetch that fails is tried again, ever more slowly, and at last ends the worker`() {
        var harness = WorkerHarness()
        harness.tell(.start)
        harness.hear(.welcome(harness.welcome()))
        var fetches = 0
        for _ in 0..<400 where harness.exit == nil {
            if harness.actions.contains(.fetch(PolicyVersion(0))) {
                fetches += 1
                harness.clear()
                harness.tell(.weightsFailed(PolicyVersion(0), reason: "wrong hash"))
            }
            harness.wait(.milliseconds(250))
        }
        #expect(harness.exit?.code == 3)
        #expect(harness.exit?.reason.contains("wrong hash") == true)
        #expect((10...14).contains(fetches))
    }

    @Test func `a silent coordinator is dialed again and told what the worker holds`() {
        var harness = pending()
        harness.clear()
        harness.wait(.seconds(8), hearing: false)
        #expect(harness.actions.contains(.reconnect))
        #expect(harness.hellos.count == 1)
        #expect(harness.hellos[0].digests == Samples.digests)
        #expect(harness.hellos[0].standing.pending == [attempt])
        #expect(harness.hellos[0].standing.version == PolicyVersion(0))
        harness.clear()
        harness.hear(.welcome(harness.welcome(documents: nil)))
        #expect(harness.results == [attempt])
        #expect(!harness.actions.contains(.fetch(PolicyVersion(0))))
    }

    @Test func `a coordinator that is gone for good ends the worker with code 3 and the time`() {
        var harness = pending()
        harness.wait(.seconds(59), hearing: false)
        #expect(harness.exit == nil)
        harness.wait(.seconds(1), hearing: false)
        #expect(harness.exit?.code == 3)
        #expect(harness.exit?.reason == "the coordinator has said nothing for 60 s")
        harness.clear()
        harness.wait(.seconds(10))
        #expect(harness.actions.isEmpty)
    }

    @Test func `a process that was stopped does not blame the coordinator for it`() {
        var harness = WorkerHarness.ready()
        harness.wait(.seconds(1))
        harness.now += .seconds(3600)
        harness.tell(.tick)
        #expect(harness.exit == nil)
        harness.wait(.milliseconds(8500), hearing: false)
        #expect(harness.hellos.count == 1)
    }

    @Test func `a coordinator's next life voids the policy, and results that are done are offered again`() {
        var harness = pending()
        let next = RunStamp(run: Samples.stamp.run, incarnation: 3)
        harness.clear()
        // Some message of the new life comes first.
        harness.hear(.pong(newest: PolicyVersion(5)), stamp: next)
        #expect(harness.hellos.count == 1)
        harness.clear()
        harness.hear(.welcome(harness.welcome(documents: nil)), stamp: next)
        #expect(harness.results == [attempt])
        #expect(harness.actions.last == .fetch(PolicyVersion(0)))
        #expect(harness.state.stamp == next)
        harness.clear()
        // The old life has nothing to say any more.
        harness.hear(.pong(newest: PolicyVersion(9)))
        harness.hear(.farewell(.failed))
        harness.hear(.acknowledged(attempt))
        #expect(harness.actions.isEmpty)
        harness.hear(.acknowledged(attempt), stamp: next)
        harness.wait(.seconds(1))
        #expect(harness.state.waitingFor == "the weights of policy 0")
    }

    @Test func `what a rollout of the old life yields is not sent to the new one`() {
        var harness = WorkerHarness.ready()
        harness.hear(.assignment(attempt, assignment))
        harness.clear()
        let next = RunStamp(run: Samples.stamp.run, incarnation: 3)
        harness.hear(.welcome(harness.welcome(documents: nil)), stamp: next)
        #expect(harness.actions.contains(.abandonRollout(attempt)))
        harness.tell(.rolloutFinished(result))
        #expect(harness.results.isEmpty)
        #expect(harness.actions.last == .fetch(PolicyVersion(0)))
    }

    @Test func `a refusal ends the worker with code 4 and both values`() {
        var harness = WorkerHarness()
        harness.tell(.start)
        harness.hear(.refused(Refusal(subject: .protocolVersion, ours: "6", theirs: "5")))
        #expect(harness.exit?.code == 4)
        #expect(
            harness.exit?.reason
                == "refused by the coordinator: the protocol does not match: the coordinator speaks 6, this worker 5; "
                + "use one version of Ponder on both sides")
    }

    @Test func `whatever makes taking part impossible ends the worker with code 4`() {
        for event in [
            WorkerState.Event.incompatible(theirs: 2, ours: 1), .shutOut(reason: "server key mismatch"),
            .unprepared(reason: "no such model"),
        ] {
            var harness = WorkerHarness.ready()
            harness.tell(event)
            #expect(harness.exit?.code == 4)
        }
        var harness = WorkerHarness.ready()
        harness.tell(.parentGone)
        #expect(harness.exit?.code == 3)
    }

    @Test(arguments: [(Farewell.complete, Int32(0)), (.failed, 1)])
    func `the end of the run is answered with goodbye and ends the worker`(
        _ farewell: Farewell, _ code: Int32
    ) {
        var harness = WorkerHarness.ready()
        harness.hear(.assignment(attempt, assignment))
        harness.hear(.farewell(farewell))
        #expect(harness.sent.last == .goodbye(returning: [attempt]))
        #expect(harness.exit?.code == code)
    }

    @Test func `an interrupted coordinator is waited for`() {
        var harness = WorkerHarness.ready()
        harness.hear(.assignment(attempt, assignment))
        harness.clear()
        harness.hear(.farewell(.interrupted))
        #expect(harness.actions.contains(.abandonRollout(attempt)))
        harness.wait(.seconds(20), hearing: false)
        #expect(harness.exit == nil)
        #expect(harness.hellos.count >= 3)
        harness.wait(.seconds(40), hearing: false)
        #expect(harness.exit?.code == 3)
    }

    @Test func `an idle worker that is told to end says goodbye and is gone`() {
        var harness = WorkerHarness.ready()
        harness.tell(.terminate)
        #expect(harness.sent == [.goodbye(returning: [])])
        #expect(harness.exit?.code == 0)
    }

    @Test func `a worker that is told to end gives its lease back at once`() {
        var harness = WorkerHarness.ready()
        harness.hear(.assignment(attempt, assignment))
        harness.clear()
        harness.tell(.terminate)
        #expect(harness.sent == [.goodbye(returning: [attempt])])
        #expect(harness.exit?.code == 0)
    }

    @Test func `a worker that is told to end still delivers what is done, for as long as its grace lasts`() {
        var harness = pending()
        harness.clear()
        harness.tell(.terminate)
        #expect(harness.sent == [.goodbye(returning: [])])
        #expect(harness.exit == nil)
        let next = Samples.round()[1]
        harness.hear(.assignment(Samples.attempt(of: next), next))
        #expect(harness.sent.last == .goodbye(returning: [Samples.attempt(of: next)]))
        harness.wait(.seconds(3))
        #expect(harness.results.count >= 1)
        var acknowledged = harness
        acknowledged.hear(.acknowledged(attempt))
        #expect(acknowledged.exit?.code == 0)
        harness.wait(.seconds(7))
        #expect(harness.exit?.code == 0)
        #expect(harness.exit?.reason.contains("1 results were not acknowledged") == true)
    }

    @Test func `results that nobody acknowledges are bounded, and the oldest goes first`() {
        var harness = WorkerHarness.ready()
        let round = Samples.round(assignments: WorkerState.pendingLimit + 2)
        for assignment in round {
            let attempt = Samples.attempt(of: assignment)
            harness.hear(.assignment(attempt, assignment))
            harness.tell(.rolloutFinished(Samples.result(attempt, assignment)))
        }
        harness.clear()
        harness.wait(.seconds(1))
        let pings = harness.sent.compactMap { message in
            if case .ping(let standing) = message { standing } else { nil }
        }
        #expect(pings.first?.pending.map(\.assignment.index) == Array(2..<WorkerState.pendingLimit + 2))
    }

    @Test func `a connection that is forgotten is introduced again, once`() {
        var harness = WorkerHarness.ready()
        harness.hear(.helloFirst)
        harness.hear(.helloFirst)
        #expect(harness.hellos.count == 1)
    }

    @Test func `a welcome that takes documents for granted is answered with a HELLO that holds none`() {
        var harness = WorkerHarness()
        harness.tell(.start)
        harness.clear()
        harness.hear(.welcome(harness.welcome(documents: nil)))
        #expect(harness.hellos.count == 1 && harness.hellos[0].digests == nil)
        #expect(!harness.actions.contains(.fetch(PolicyVersion(0))))
    }
}
