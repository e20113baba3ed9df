import Reasoning
import Reinforcement
import Scheduling
import TestSupport
import Testing
import Wire

/// Assignments that cannot be sent, cannot be read, or never arrive.
struct UndeliverableTests {
    /// Two assignments, the first with a long id and a long question.
    private func round(idBytes: Int = 1, questionBytes: Int = 1) -> [Assignment] {
        var round = Samples.round(assignments: 2)
        let problem = Problem(
            id: String(repeating: "x", count: idBytes),
            question: String(repeating: "q", count: questionBytes), expected: "2",
            difficulty: 1)
        round[0] = Assignment(
            id: round[0].id,
            problems: [AssignedProblem(index: 0, problem: problem), round[0].problems[1]], samples: 2, seed: 7
        )
        return round
    }

    @Test func `an assignment that the wire does not carry is set aside by name, and its round goes on`()
        throws
    {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.join(1)
        harness.tell(.open(round(questionBytes: 5 << 20)))
        // The shell: what the coder refuses is told to the state.
        var sent = 0
        while sent < harness.actions.count {
            if case .send(let envelope, _) = harness.actions[sent] {
                do {
                    _ = try MessageCoder.encode(envelope)
                } catch {
                    harness.tell(.unsendable(envelope.message, reason: "\(error)"))
                }
            }
            sent += 1
            try #require(sent < 1000)
        }
        let limit = harness.state.configuration.poisonLimit
        #expect(harness.state.ledger.dropped == [.unsendable: limit])
        #expect(harness.state.report(now: .zero).setAside?.map(\.attempts) == [limit])
        let (attempt, assignment, _) = try #require(harness.issued.last)
        #expect(assignment.id.index == 1)
        harness.deliver(attempt, assignment, by: 1)
        harness.accept(attempt, assignment)
        #expect(harness.completed.map { $0.groups.map(\.problem.index) } == [[2, 3]])
        #expect(harness.state.ledger.closes)
    }

    @Test func `an assignment that a worker cannot read ends by name, and is counted`() throws {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.join(1)
        harness.tell(.open(round(idBytes: 256)))
        let (attempt, assignment, _) = try #require(harness.issued.first)
        // A coordinator with other limits would send this.
        let message = Envelope(
            stamp: Samples.stamp, message: CoordinatorMessage.assignment(attempt, assignment))
        let text = String(decoding: try MessageCoder.encode(message)[0], as: UTF8.self)
        let frame = Array(text.replacing("xxxx", with: "xxxxx").utf8)
        let error = #expect(throws: WireError.self) { try MessageCoder.decodeCoordinatorMessage([frame]) }
        #expect(error?.attempt == attempt)
        var worker = WorkerHarness.ready()
        worker.tell(.malformed(attempt: error?.attempt, reason: "too long"))
        worker.tell(.malformed(attempt: error?.attempt, reason: "too long"))
        let failure = WorkerMessage.failed(attempt, reason: "the assignment cannot be read: too long")
        #expect(worker.sent == [failure])
        harness.clear()
        harness.say(failure, 1)
        #expect(harness.state.ledger.dropped == [.failed: 1])
        // There is no other worker, so this one gets the assignment again.
        #expect(harness.issued.map(\.attempt.number) == [2])
    }

    @Test func `an assignment that its worker never holds ends after it was sent again and again`() {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.join(1)
        harness.tell(.open(Samples.round(assignments: 1)))
        harness.join(2)
        harness.wait(.milliseconds(15_500), pinging: [1, 2])
        #expect(harness.issued.map(\.worker) == [1, 1, 1, 1, 1, 1])
        harness.wait(.milliseconds(500), pinging: [1, 2])
        #expect(harness.state.ledger.dropped == [.undeliverable: 1])
        #expect(harness.issued.last?.worker == 2)
    }

    @Test func `a worker that hears nothing and says HELLO again fails no assignment`() {
        var harness = SchedulerHarness()
        harness.tell(.published(PolicyVersion(0)))
        harness.join(1)
        harness.tell(.open(Samples.round(assignments: 1)))
        for _ in 0..<5 {
            harness.wait(.seconds(8), pinging: [1])
            harness.hello(
                1, standing: WorkerStanding(version: PolicyVersion(0), working: [], pending: []),
                stamp: Samples.stamp)
        }
        #expect(harness.state.ledger.dropped.isEmpty)
    }
}
