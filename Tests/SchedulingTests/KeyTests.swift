import Reinforcement
import Scheduling
import TestSupport
import Testing

/// What a coordinator makes of who has which key.
struct `Keys of workers` {
    private func peer(_ number: UInt8, key: String?) -> PeerID {
        PeerID(bytes: [number], address: "127.0.0.1:\(number)", key: key)
    }

    private func hello(_ name: String, instance: UInt64) -> Envelope<WorkerMessage> {
        Envelope(
            stamp: .unknown,
            message: .hello(
                Hello(
                    name: name, instance: instance, host: "h", process: 1, machine: "m", digests: nil,
                    standing: .empty)))
    }

    @Test func `a worker is its key: nobody with another one takes its name or answers for it`() throws {
        var harness = SchedulerHarness()
        let (owner, thief) = (peer(1, key: "aaaa"), peer(2, key: "bbbb"))
        harness.tell(.received(hello("worker-1", instance: 1), from: owner))
        harness.say(.ready(PolicyVersion(0)), 1)
        #expect(harness.state.report(now: .zero).workers.map(\.key) == ["aaaa"])
        harness.tell(.published(PolicyVersion(0)))
        harness.tell(.open(Samples.round()))
        let issued = try #require(harness.issued.first)

        harness.tell(.received(hello("worker-1", instance: 2), from: thief))
        let refusal = Refusal(
            subject: .name, ours: "worker-1 (process 1 on h)", theirs: "process 1 on h")
        #expect(harness.sent(to: 2) == [.refused(refusal)])
        harness.deliver(issued.attempt, issued.assignment, by: 2)
        #expect(harness.sent(to: 2).last == .helloFirst)
        #expect(harness.examinations.isEmpty)
        // The owner's work was never touched.
        harness.deliver(issued.attempt, issued.assignment, by: 1)
        #expect(harness.examinations.count == 1)
        // The owner itself comes back in a new process as ever.
        harness.tell(.disconnected(owner))
        harness.tell(.received(hello("worker-1", instance: 3), from: peer(3, key: "aaaa")))
        #expect(harness.events.contains(.workerRestarted("worker-1", host: "h", process: 1)))
    }

    @Test func `a revoked worker loses its work to others at once, and comes back when it may`() throws {
        var harness = SchedulerHarness()
        let bad = peer(1, key: "aaaa")
        harness.tell(.received(hello("worker-1", instance: 1), from: bad))
        harness.say(.ready(PolicyVersion(0)), 1)
        harness.tell(.published(PolicyVersion(0)))
        harness.tell(.open(Samples.round()))
        let lost = try #require(harness.issued.first)
        harness.clear()

        harness.tell(.revoked(bad))
        #expect(harness.events.contains(.workerRevoked("worker-1", address: "127.0.0.1:1")))
        #expect(harness.state.ledger.dropped[.lost] == 1)
        #expect(harness.state.report(now: .zero).workers.map(\.state) == [.gone])
        harness.clear()
        harness.tell(.received(hello("worker-2", instance: 2), from: peer(2, key: "bbbb")))
        harness.say(.ready(PolicyVersion(0)), 2)
        #expect(harness.issued.map(\.assignment.id) == [lost.assignment.id])
        harness.tell(.received(hello("worker-1", instance: 1), from: peer(3, key: "aaaa")))
        #expect(harness.state.report(now: .zero).workers.map(\.state).contains(.gone) == false)
        // Told twice, or of a stranger, it changes nothing.
        harness.clear()
        harness.tell(.revoked(bad))
        #expect(harness.actions.isEmpty)
    }
}
