import Reasoning
import Reinforcement
import Scheduling
import TestSupport
import Testing

/// What a coordinator does when something goes wrong.
struct SchedulerFaultTests {
    /// One assignment out with worker 1; worker 2 idle, both connected.
    private func oneOut(
        _ change: (inout SchedulerState.Configuration) -> Void = { _ in }
    ) -> (SchedulerHarness, AttemptID, Assignment) {
        var harness = SchedulerHarness(change)
        harness.tell(.published(PolicyVersion(0)))
        harness.join(1)
        harness.tell(.open(Samples.round(assignments: 1)))
        harness.join(2)
        let (attempt, assignment, _) = harness.issued[0]
        harness.clear()
        return (harness, attempt, assignment)
    }

    @Test func `a silent worker is lost within ten seconds and its lease goes to another`() {
        var (harness, attempt, _) = oneOut()
        harness.wait(.seconds(10), pinging: [2])
        #expect(harness.events.contains { if case .workerLost("worker-1", _) = $0 { true } else { false } })
        #expect(harness.issued.map(\.worker) == [2])
        #expect(harness.issued[0].attempt.number == 2)
        #expect(harness.state.ledger.expired == 1)
        #expect(harness.events.contains(.attemptExpired(attempt, worker: "worker-1", after: .seconds(8))))
    }

    @Test func `a worker that was stopped and goes on is told to abandon, and its late result only counted`()
    {
        var (harness, attempt, assignment) = oneOut()
        harness.wait(.seconds(10), pinging: [2])
        let second = harness.issued[0]
        harness.wait(.seconds(50), pinging: [2], working: [2: second.attempt])
        harness.deliver(second.attempt, assignment, by: 2)
        harness.accept(second.attempt, assignment)
        harness.clear()
        // Its connection is no longer known: it must say HELLO first, its result is neither taken nor confirmed.
        harness.deliver(attempt, assignment, by: 1)
        #expect(harness.sent(to: 1) == [.helloFirst])
        harness.hello(1, standing: WorkerStanding(version: nil, working: [], pending: [attempt]))
        harness.clear()
        harness.deliver(attempt, assignment, by: 1)
        #expect(harness.sent(to: 1) == [.acknowledged(attempt)])
        #expect(harness.state.ledger.late == [.ended: 1])
        #expect(harness.state.ledger.used == 1)
        #expect(harness.examinations.isEmpty)
    }

    @Test func `a coordinator that was stopped does not blame its workers for it`() {
        var (harness, attempt, assignment) = oneOut()
        harness.wait(.seconds(1), pinging: [1, 2], working: [1: attempt])
        harness.now += .seconds(300)
        harness.tell(.tick)
        harness.wait(.seconds(7))
        #expect(!harness.events.contains { if case .workerLost = $0 { true } else { false } })
        harness.deliver(attempt, assignment, by: 1)
        harness.accept(attempt, assignment)
        #expect(harness.completed.count == 1)
        #expect(harness.state.ledger.expired == 0)
        // Worker 2 has had its time to speak.
        harness.wait(.seconds(1))
        #expect(harness.events.contains { if case .workerLost("worker-2", _) = $0 { true } else { false } })
    }

    @Test
    func
        `attempts that are out while the coordinator is stopped are not late for it, and say nothing of pace`()
    {
        var (harness, attempt, assignment) = oneOut()
        harness.wait(.seconds(1), pinging: [1, 2], working: [1: attempt])
        harness.now += .seconds(300)
        harness.tell(.tick)
        harness.wait(.seconds(2), pinging: [1, 2], working: [1: attempt])
        #expect(harness.state.ledger.speculative == 0)
        harness.deliver(attempt, assignment, by: 1)
        harness.accept(attempt, assignment)
        #expect(harness.state.report(now: harness.now).workers[0].results == 1)
        #expect(harness.state.report(now: harness.now).workers[0].tokensPerSecond == nil)
    }

    @Test func `a result that came before the coordinator was stopped keeps its duration`() {
        var (harness, attempt, assignment) = oneOut()
        harness.wait(.seconds(1), pinging: [1, 2], working: [1: attempt])
        harness.deliver(attempt, assignment, by: 1)
        harness.now += .seconds(300)
        harness.accept(attempt, assignment)
        let tokens = Samples.result(attempt, assignment).tokenCount
        #expect(
            harness.events.contains(
                .attemptUsed(attempt, worker: "worker-1", tokens: tokens, duration: .seconds(1))))
        #expect(harness.state.report(now: harness.now).workers[0].tokensPerSecond == Double(tokens))
    }

    @Test func `a result that comes twice is acknowledged twice and examined once`() {
        var (harness, attempt, assignment) = oneOut()
        harness.deliver(attempt, assignment, by: 1)
        harness.deliver(attempt, assignment, by: 1)
        harness.accept(attempt, assignment)
        harness.deliver(attempt, assignment, by: 1)
        #expect(harness.sent(to: 1) == Array(repeating: .acknowledged(attempt), count: 3))
        #expect(harness.examinations.count == 1)
        #expect(harness.completed.count == 1)
        #expect(harness.state.ledger.late == [.duplicate: 2])
    }

    @Test
    func `results of another incarnation, of the future and of another worker's lease are left by name`() {
        var (harness, attempt, assignment) = oneOut()
        let stale = AttemptID(assignment: assignment.id, incarnation: 1, number: 1)
        let future = AttemptID(
            assignment: AssignmentID(round: RoundID(step: 9, purpose: .training), index: 0), incarnation: 2,
            number: 1)
        let unissued = AttemptID(assignment: assignment.id, incarnation: 2, number: 7)
        for id in [stale, future, unissued, attempt] { harness.deliver(id, assignment, by: 2) }
        #expect(harness.state.ledger.late == [.staleIncarnation: 1, .unknownAttempt: 2, .foreignLease: 1])
        #expect(harness.sent(to: 2) == [stale, future, unissued, attempt].map { .acknowledged($0) })
        #expect(harness.examinations.isEmpty)
        // Three of them cannot be mistakes.
        #expect(harness.state.report(now: harness.now).workers[1].state == .quarantined)
        harness.deliver(attempt, assignment, by: 1)
        #expect(harness.examinations.count == 1)
    }

    @Test func `a broken result is dropped, its worker struck, and another worker gets the assignment`() {
        var (harness, attempt, assignment) = oneOut()
        var traces = Samples.result(attempt, assignment).traces
        traces[0] = Trace(
            id: traces[0].id, tokens: traces[0].tokens, logProbabilities: traces[0].tokens.map { _ in .nan },
            version: traces[0].version, finish: traces[0].finish)
        harness.say(.result(RolloutResult(attempt: attempt, traces: traces, claims: [.correct])), 1)
        #expect(harness.examinations.isEmpty)
        #expect(harness.state.ledger.dropped == [.invalidLogProbability: 1])
        #expect(harness.issued.map(\.worker) == [2])
        #expect(harness.state.report(now: harness.now).workers[0].strikes == 1)
        #expect(harness.state.report(now: harness.now).workers[0].rejected == 1)
    }

    @Test func `a worker that is alone gets its broken assignment back until it is quarantined`() {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.join(1)
        harness.tell(.open(Samples.round(assignments: 1)))
        for _ in 0..<3 {
            guard let last = harness.issued.last else { return }
            harness.say(.result(RolloutResult(attempt: last.attempt, traces: [], claims: nil)), 1)
        }
        #expect(harness.issued.count == 3)
        #expect(harness.state.waiting.wait == .ableWorker(["worker-1"]))
        harness.wait(.seconds(29), pinging: [1])
        #expect(harness.issued.count == 3)
        harness.wait(.seconds(1), pinging: [1])
        #expect(harness.issued.count == 4)
        #expect(harness.events.contains(.workerReleased("worker-1")))
    }

    @Test func `a failed audit is quarantine at once, and each one is twice as long`() {
        var (harness, attempt, assignment) = oneOut()
        harness.deliver(attempt, assignment, by: 1)
        harness.tell(.examined(attempt, .rejected(.auditFailed, detail: "3.1 nats off")))
        #expect(harness.state.ledger.dropped == [.auditFailed: 1])
        #expect(
            harness.events.contains(
                .workerQuarantined("worker-1", length: .seconds(30), reason: "3.1 nats off")))
        let second = harness.issued[0]
        #expect(second.worker == 2)
        harness.clear()
        harness.say(.goodbye(returning: [second.attempt]), 2)
        harness.wait(.seconds(30), pinging: [1])
        let third = harness.issued[0]
        harness.deliver(third.attempt, assignment, by: 1)
        harness.tell(.examined(third.attempt, .rejected(.auditFailed, detail: "again")))
        #expect(
            harness.events.contains(.workerQuarantined("worker-1", length: .seconds(60), reason: "again")))
    }

    @Test func `a straggler's assignment goes to an idle worker as well, and the first valid result wins`() {
        for straggler in [UInt8(1), 2] {
            var (harness, attempt, assignment) = oneOut()
            harness.wait(.seconds(19), pinging: [1, 2], working: [1: attempt])
            #expect(harness.issued.isEmpty)
            harness.wait(.seconds(2), pinging: [1, 2], working: [1: attempt])
            let twin = harness.issued[0]
            #expect(twin.worker == 2 && twin.attempt.number == 2)
            #expect(harness.state.ledger.speculative == 1)
            harness.clear()
            let (first, last) = straggler == 1 ? (twin.attempt, attempt) : (attempt, twin.attempt)
            harness.deliver(first, assignment, by: 3 - straggler)
            harness.accept(first, assignment)
            #expect(harness.sent(to: straggler) == [.abandon(last)])
            #expect(harness.state.ledger.dropped == [.superseded: 1])
            harness.deliver(last, assignment, by: straggler)
            #expect(harness.sent(to: straggler).last == .acknowledged(last))
            #expect(harness.completed.count == 1)
            #expect(harness.state.ledger.used == 1 && harness.state.ledger.late == [.ended: 1])
        }
    }

    @Test func `when both twins are being examined the first verdict wins`() {
        var (harness, attempt, assignment) = oneOut()
        harness.wait(.seconds(21), pinging: [1, 2], working: [1: attempt])
        let twin = harness.issued[0].attempt
        harness.deliver(attempt, assignment, by: 1)
        harness.deliver(twin, assignment, by: 2)
        #expect(harness.examinations.count == 2)
        harness.accept(twin, assignment)
        harness.accept(attempt, assignment)
        harness.tell(.examined(attempt, .rejected(.auditFailed, detail: "too late to matter")))
        #expect(harness.completed.count == 1)
        #expect(harness.state.ledger.used == 1 && harness.state.ledger.dropped == [.superseded: 1])
    }

    @Test func `once there is a median, patience is a multiple of it`() {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.join(1)
        harness.tell(.open(Samples.round(assignments: 4)))
        for index in 0..<3 {
            harness.now += .seconds(1)
            let (attempt, assignment, _) = harness.issued[index]
            harness.deliver(attempt, assignment, by: 1)
            harness.accept(attempt, assignment)
        }
        harness.join(2)
        harness.clear()
        let slow = AttemptID(
            assignment: AssignmentID(round: RoundID(step: 0, purpose: .training), index: 3), incarnation: 2,
            number: 1)
        harness.wait(.milliseconds(2500), pinging: [1, 2], working: [1: slow])
        #expect(harness.issued.isEmpty)
        harness.wait(.milliseconds(500), pinging: [1, 2], working: [1: slow])
        #expect(harness.issued.map(\.worker) == [2])
    }

    @Test func `a lease that expires is doubled the next time, so that slow workers get done`() {
        var harness = SchedulerHarness { $0.lease = .seconds(10) }
        harness.tell(.published(PolicyVersion(0)))
        harness.join(1)
        harness.tell(.open(Samples.round(assignments: 1)))
        let first = harness.issued[0]
        harness.clear()
        harness.wait(.seconds(10), pinging: [1], working: [1: first.attempt])
        #expect(harness.sent(to: 1).contains(.abandon(first.attempt)))
        #expect(harness.state.ledger.expired == 1)
        let second = harness.issued[0]
        harness.wait(.seconds(19), pinging: [1], working: [1: second.attempt])
        #expect(harness.state.ledger.expired == 1)
        harness.deliver(second.attempt, second.assignment, by: 1)
        harness.accept(second.attempt, second.assignment)
        #expect(harness.completed.count == 1)
    }

    @Test func `goodbye gives leases back at once, and a result that is on its way is still taken`() {
        var (harness, attempt, assignment) = oneOut()
        harness.say(.goodbye(returning: [attempt]), 1)
        #expect(harness.state.ledger.dropped == [.returned: 1])
        #expect(harness.issued.map(\.worker) == [2])

        (harness, _, _) = oneOut()
        harness.say(.goodbye(returning: []), 1)
        #expect(harness.issued.isEmpty)
        harness.deliver(attempt, assignment, by: 1)
        harness.accept(attempt, assignment)
        #expect(harness.completed.count == 1)
        #expect(harness.state.report(now: harness.now).workers[0].deaths == 0)
    }

    @Test func `a worker that comes back on another connection keeps its lease`() {
        var (harness, attempt, assignment) = oneOut()
        harness.tell(.disconnected(Samples.peer(1)))
        harness.hello(
            1, peer: 11, standing: WorkerStanding(version: PolicyVersion(0), working: [attempt], pending: []),
            stamp: Samples.stamp)
        #expect(harness.issued.isEmpty)
        harness.deliver(attempt, assignment, by: 11)
        harness.accept(attempt, assignment)
        #expect(harness.completed.count == 1)
        #expect(harness.state.ledger.issued == 1)
    }

    @Test func `a policy held from an earlier life of the coordinator is not believed`() {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.tell(.open(Samples.round(assignments: 1)))
        let standing = WorkerStanding(version: PolicyVersion(0), working: [], pending: [])
        harness.hello(1, standing: standing, stamp: RunStamp(run: Samples.stamp.run, incarnation: 1))
        #expect(harness.issued.isEmpty)
        // Said again under this life's stamp it is: the worker has only changed its connection.
        harness.hello(1, standing: standing, stamp: Samples.stamp)
        #expect(harness.issued.count == 1)
    }

    @Test func `an assignment that was lost on its way is sent again`() {
        var (harness, attempt, _) = oneOut()
        harness.wait(.milliseconds(2500), pinging: [1, 2])
        #expect(harness.issued.isEmpty)
        harness.wait(.milliseconds(500), pinging: [1, 2])
        #expect(harness.issued.map(\.attempt) == [attempt])
        #expect(harness.issued.map(\.worker) == [1])
        #expect(harness.state.ledger.issued == 1)
    }

    @Test func `a worker that computes what nobody waits for is told so`() {
        var (harness, attempt, _) = oneOut()
        harness.ping(2, working: [attempt])
        #expect(harness.sent(to: 2).contains(.abandon(attempt)))
        #expect(harness.state.ledger.outstanding == 1)
    }

    @Test func `an assignment over which workers die again and again ends the run by name`() {
        var harness = SchedulerHarness {
            $0.poisonLimit = 3
            $0.deathLimit = 100
        }
        harness.tell(.published(PolicyVersion(0)))
        harness.tell(.open(Samples.round(assignments: 1)))
        for instance in UInt64(1)...4 {
            harness.tell(.disconnected(Samples.peer(UInt8(instance - 1))))
            harness.hello(1, instance: instance, peer: UInt8(instance))
            harness.say(.ready(PolicyVersion(0)), UInt8(instance))
        }
        #expect(harness.failures.count == 1)
        guard case .poison(_, let attempts, let problems, _) = harness.failures[0] else { return }
        #expect(attempts == 3 && problems == ["sums/0", "sums/1"])
        #expect(harness.issued.count == 3)
    }

    @Test func `a run that ends over failing attempts blames the memory only when that was the cause`() {
        func words(_ last: String) -> String {
            "\(RunFailure.poison(Samples.round(assignments: 1)[0].id, attempts: 8, problems: ["p"], last: last))"
        }
        for last in ["vm-1: token id 299 is not in the vocabulary", "vm-1 died", "vm-1 fell silent"] {
            #expect(!words(last).lowercased().contains("memory") && words(last).contains("Remove that cause"))
        }
        for last in ["vm-1: DefaultCPUAllocator: can't allocate memory", "vm-1: std::bad_alloc"] {
            #expect(words(last).contains("Give workers more memory"))
        }
    }

    @Test func `a worker that cannot generate says so, and another one tries`() {
        var (harness, attempt, _) = oneOut()
        harness.say(.failed(attempt, reason: "no memory"), 1)
        #expect(harness.sent(to: 1) == [.acknowledged(attempt)])
        #expect(harness.state.ledger.dropped == [.failed: 1])
        #expect(harness.issued.map(\.worker) == [2])
    }

    @Test func `a worker that dies five times in a row is given a rest`() {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        for instance in UInt64(1)...6 {
            harness.tell(.disconnected(Samples.peer(UInt8(instance - 1))))
            harness.hello(1, instance: instance, peer: UInt8(instance))
        }
        #expect(harness.state.report(now: .zero).workers[0].state == .quarantined)
        #expect(harness.state.report(now: .zero).workers[0].deaths == 5)
        harness.wait(.seconds(30), pinging: [6])
        #expect(harness.events.contains(.workerReleased("worker-1")))
    }

    @Test func `a worker that is released while it is away owes no death when it comes back`() {
        var harness = SchedulerHarness {
            $0.deathLimit = 1
            $0.quarantine = .seconds(5)
        }
        harness.hello(1)
        harness.wait(.seconds(14))
        #expect(harness.events.contains(.workerReleased("worker-1")))
        harness.hello(1)
        #expect(harness.state.report(now: harness.now).workers[0].state == .fetching)
        // The next death is one, and one is the limit.
        harness.tell(.disconnected(Samples.peer(1)))
        harness.hello(1, instance: 100, peer: 11)
        #expect(harness.state.report(now: harness.now).workers[0].state == .quarantined)
    }

    @Test func `documents are sent to those who do not hold them`() {
        var harness = SchedulerHarness()
        harness.hello(1)
        harness.hello(2, digests: Samples.digests)
        // From before a change of the configuration that the run's owner allowed.
        let earlier = Digests(
            model: Samples.digest, tokenizer: Samples.digest, configuration: String(repeating: "f", count: 64)
        )
        harness.hello(3, digests: earlier, stamp: RunStamp(run: Samples.stamp.run, incarnation: 1))
        #expect(harness.sent(to: 1) == [.welcome(Samples.welcome(newest: nil))])
        #expect(harness.sent(to: 2) == [.welcome(Samples.welcome(documents: nil, newest: nil))])
        #expect(harness.sent(to: 3) == [.welcome(Samples.welcome(newest: nil))])
    }

    @Test func `another run and another protocol are refused with both values`() {
        var harness = SchedulerHarness()
        harness.hello(1, stamp: RunStamp(run: "other", incarnation: 1))
        #expect(
            harness.sent(to: 1) == [.refused(Refusal(subject: .run, ours: "bills-7f3a", theirs: "other"))])
        harness.tell(.incompatible(from: Samples.peer(2), theirs: 9, ours: 1))
        #expect(
            harness.sent(to: 2) == [.refused(Refusal(subject: .protocolVersion, ours: "1", theirs: "9"))])
    }

    @Test func `what is said before HELLO, or of another incarnation, is answered with a request for HELLO`()
    {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.tell(.open(Samples.round()))
        harness.ping(1)
        harness.say(.ready(PolicyVersion(0)), 1)
        #expect(harness.sent(to: 1) == [.helloFirst, .helloFirst])
        harness.join(2)
        harness.clear()
        harness.say(.ping(.empty), 2, stamp: RunStamp(run: Samples.stamp.run, incarnation: 1))
        #expect(harness.sent(to: 2) == [.helloFirst])
    }

    @Test func `messages that cannot be read are counted against a worker that is known`() {
        var harness = SchedulerHarness()
        harness.tell(.malformed(from: Samples.peer(9), reason: "syntax"))
        harness.hello(1)
        for _ in 0..<3 { harness.tell(.malformed(from: Samples.peer(1), reason: "syntax")) }
        #expect(harness.events.filter { if case .messageMalformed = $0 { true } else { false } }.count == 4)
        #expect(harness.state.report(now: .zero).workers.map(\.state) == [.quarantined])
    }

    @Test func `a full roster refuses one more and remembers only so many who left`() {
        var harness = SchedulerHarness { $0.workerLimit = 2 }
        for worker in UInt8(1)...3 { harness.hello(worker) }
        #expect(
            harness.sent(to: 3) == [
                .refused(Refusal(subject: .workers, ours: "at most 2", theirs: "one more"))
            ])
        for worker in UInt8(4)...40 {
            harness.wait(.seconds(9))
            harness.hello(worker)
        }
        #expect(harness.state.report(now: harness.now).workers.count <= 8)
    }
}
