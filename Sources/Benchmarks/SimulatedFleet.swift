import HeapModule
import Reasoning
import Reinforcement
import Scheduling
import Wire

/// Many simulated workers that answer after a delay through the wire's coder, and compute nothing.
struct SimulatedFleet {
    static let stamp = RunStamp(run: "scale", incarnation: 1)
    static let vocabulary = 1000
    static let endToken: Int32 = 0

    struct Arrival {
        let time: Duration
        let peer: PeerID
        let frames: [Frame]
    }

    private struct Worker {
        var version: PolicyVersion?
        var working: AttemptID?
        var hasJoined = false
    }

    private enum Due {
        case hello, ping
        case result(AttemptID, Assignment)
    }

    private let plan: ScaleBenchmark.Plan
    private var workers: [Worker]
    private struct Appointment: Comparable {
        let time: Duration
        let worker: Int
        let due: Due

        static func == (left: Appointment, right: Appointment) -> Bool { left.time == right.time }
        static func < (left: Appointment, right: Appointment) -> Bool { left.time < right.time }
    }

    private var queue = Heap<Appointment>()
    /// Messages that are sent at the start.
    private var said: [Arrival] = []
    private var random = SystemRandomNumberGenerator()
    private var joined = 0

    init(_ plan: ScaleBenchmark.Plan) {
        self.plan = plan
        workers = Array(repeating: Worker(), count: plan.workers)
        for worker in 0..<plan.workers {
            push(.seconds(plan.ping * Double(worker) / Double(plan.workers)), worker, .hello)
        }
    }

    /// Whether every worker has a policy.
    var isComplete: Bool { joined == plan.workers && said.isEmpty }

    private static func peer(_ worker: Int) -> PeerID {
        PeerID(bytes: withUnsafeBytes(of: UInt32(worker)) { Array($0) }, address: "10.0.0.1")
    }

    /// The next message that reaches the coordinator before a time; nil when there is none.
    mutating func next(before limit: Duration) -> Arrival? {
        if !said.isEmpty { return said.removeLast() }
        guard let first = queue.min, first.time <= limit else { return nil }
        queue.removeMin()
        let message: WorkerMessage
        switch first.due {
        case .hello:
            message = .hello(
                Hello(
                    name: "worker-\(first.worker)", instance: UInt64(first.worker) + 1,
                    host: "node-\(first.worker / 64)",
                    process: first.worker, machine: "AMD EPYC, libtorch 2.13", digests: nil, standing: .empty)
            )
            push(first.time + .seconds(plan.ping), first.worker, .ping)
        case .ping:
            let worker = workers[first.worker]
            message = .ping(
                WorkerStanding(
                    version: worker.version, working: worker.working.map { [$0] } ?? [], pending: []))
            push(first.time + .seconds(plan.ping), first.worker, .ping)
        case .result(let attempt, let assignment):
            workers[first.worker].working = nil
            message = .result(result(attempt, assignment))
        }
        return arrival(message, of: first.worker, at: first.time)
    }

    /// Delivers a message of the coordinator to a worker.
    mutating func deliver(_ frames: [Frame], to peer: PeerID, now: Duration) throws {
        let worker = Int(peer.bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
        switch try MessageCoder.decodeCoordinatorMessage(frames).message {
        case .welcome(let welcome): fetch(welcome.newest, worker, now)
        case .pong(let newest): if newest != workers[worker].version { fetch(newest, worker, now) }
        case .assignment(let attempt, let assignment):
            guard workers[worker].working == nil else { return }
            workers[worker].working = attempt
            let mean = Double(plan.workers) / plan.resultsPerSecond
            push(
                now + .seconds(mean * .random(in: 0.7...1.3, using: &random)), worker,
                .result(attempt, assignment))
        default: break
        }
    }

    private mutating func fetch(_ version: PolicyVersion?, _ worker: Int, _ now: Duration) {
        guard let version else { return }
        if !workers[worker].hasJoined { joined += 1 }
        workers[worker].hasJoined = true
        workers[worker].version = version
        if let arrival = arrival(.ready(version), of: worker, at: now) { said.append(arrival) }
    }

    private func arrival(_ message: WorkerMessage, of worker: Int, at time: Duration) -> Arrival? {
        guard let frames = try? MessageCoder.encode(Envelope(stamp: Self.stamp, message: message)) else {
            return nil
        }
        return Arrival(time: time, peer: Self.peer(worker), frames: frames)
    }

    private mutating func result(_ attempt: AttemptID, _ assignment: Assignment) -> RolloutResult {
        var traces: [Trace] = []
        for problem in assignment.problems {
            for sample in 0..<assignment.samples {
                let count = Int.random(in: 1...2 * plan.tokens, using: &random)
                traces.append(
                    Trace(
                        id: SampleID(round: assignment.id.round, problem: problem.index, sample: sample),
                        tokens: [Int32](repeating: 7, count: count) + [Self.endToken],
                        logProbabilities: [Float](repeating: -0.5, count: count + 1),
                        version: assignment.id.round.version, finish: .end))
            }
        }
        return RolloutResult(attempt: attempt, traces: traces, claims: traces.map { _ in .correct })
    }

    static func groups(_ result: RolloutResult, _ assignment: Assignment, by worker: String) -> [TraceGroup] {
        assignment.groups(
            result.traces.map {
                ScoredTrace(
                    trace: $0, response: "<think>1</think>2",
                    form: nil, thought: "1",
                    reward: Reward(format: 0.2, accuracy: 1, verdict: .correct))
            }, prompts: assignment.problems.map { _ in [] }, by: worker)
    }

    private mutating func push(_ time: Duration, _ worker: Int, _ due: Due) {
        queue.insert(Appointment(time: time, worker: worker, due: due))
    }
}
