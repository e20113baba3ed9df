package import Reasoning
package import Reinforcement
package import Scheduling
package import WeightTransfer

/// Small made-up values that many tests need.
package enum Samples {
    package static let stamp = RunStamp(run: "bills-7f3a", incarnation: 2)
    package static let digest = String(repeating: "0123456789abcdef", count: 4)
    package static let digests = Digests(model: digest, tokenizer: digest, configuration: digest)
    package static let documents = RunDocuments(
        model: Array("{\"model\":1}".utf8), tokenizer: Array("{}".utf8),
        configuration: Array("{\"a\":2}".utf8))

    /// A round of `count` assignments of `problems` problems × `samples` samples.
    package static func round(
        step: Int = 0, purpose: Purpose = .training, assignments count: Int = 2, problems: Int = 2,
        samples: Int = 2, seed: UInt64 = 7, staleness: Int = 0,
        onNewWeights: OnNewWeights = .finish
    ) -> [Assignment] {
        let round = RoundID(step: step, purpose: purpose)
        return (0..<count).map { index in
            Assignment(
                id: AssignmentID(round: round, index: index),
                problems: (0..<problems).map { place in
                    let number = index * problems + place
                    return AssignedProblem(
                        index: number,
                        problem: Problem(
                            id: "sums/\(number)", question: "\(number)+1=?", expected: "\(number + 1)",
                            difficulty: 1, metadata: number % 2 == 0 ? nil : #"{"n":\#(number)}"#,
                            verifier: number % 3 == 1 ? "math" : nil))
                }, samples: samples, seed: seed,
                oldest: Staleness(bound: staleness).versions(at: round.version).lowerBound,
                onNewWeights: onNewWeights)
        }
    }

    package static func attempt(of assignment: Assignment, number: Int = 1, incarnation: UInt64 = 2)
        -> AttemptID
    {
        AttemptID(assignment: assignment.id, incarnation: incarnation, number: number)
    }

    /// A valid result, of the oldest policy that may generate it, whose tokens are a function of (seed, sample) alone.
    package static func result(_ attempt: AttemptID, _ assignment: Assignment) -> RolloutResult {
        var traces: [Trace] = []
        for problem in assignment.problems {
            for sample in 0..<assignment.samples {
                traces.append(
                    trace(
                        SampleID(round: assignment.id.round, problem: problem.index, sample: sample),
                        seed: assignment.seed, version: assignment.oldest))
            }
        }
        return RolloutResult(attempt: attempt, traces: traces, claims: nil)
    }

    /// Every kind of claim in turn.
    package static func claims(of traces: [Trace]) -> [Verdict?] {
        let kinds: [Verdict?] = [.correct, Verdict(credit: 0.25), .wrong, .undecided, nil]
        return traces.indices.map { kinds[$0 % kinds.count] }
    }

    /// Token ids are below `vocabulary`; `endToken` ends each trace.
    package static let vocabulary = 32
    package static let endToken: Int32 = 1
    package static let lengthLimit = 8

    /// One to `lengthLimit` tokens, drawn by counter.
    package static func trace(_ id: SampleID, seed: UInt64, version: PolicyVersion) -> Trace {
        trace(id) { _ in (seed, version) }
    }

    /// - Parameter policy: for each position, the value that determines the token, and the version that the trace names for it.
    package static func trace(_ id: SampleID, policy: (Int) -> (seed: UInt64, version: PolicyVersion))
        -> Trace
    {
        var tokens: [Int32] = []
        var logProbabilities: [Float] = []
        var segments: [Segment] = []
        for position in 0..<lengthLimit {
            let (seed, version) = policy(position)
            let last = segments.last?.version == version ? segments.removeLast().tokens : 0
            segments.append(.sampled(version, tokens: last + 1))
            let bits = CounterRandom(seed: seed).bits(
                id.round.purpose.stream, step: id.round.step, problem: id.problem, sample: id.sample,
                position: position)
            tokens.append(Int32(bits % 16))
            logProbabilities.append(-Float(bits >> 40 & 0xFF) / 64)
            if tokens[position] == endToken { break }
        }
        return Trace(
            id: id, tokens: tokens, logProbabilities: logProbabilities, segments: segments,
            finish: tokens.last == endToken ? .end : .length)
    }

    package static func hello(_ name: String = "worker-1", instance: UInt64 = 1) -> Hello {
        Hello(
            name: name, instance: instance, host: "localhost", process: 100, machine: "x86-64, libtorch 2.13",
            digests: nil, standing: .empty)
    }

    package static func peer(_ number: UInt8) -> PeerID {
        PeerID(bytes: [number], address: "127.0.0.1:\(number)")
    }

    package static func welcome(
        documents: RunDocuments? = Samples.documents, newest: PolicyVersion? = PolicyVersion(0)
    ) -> Welcome {
        Welcome(
            digests: digests, documents: documents, newest: newest, weights: .port(5556), timing: .standard)
    }

    package static var configuration: SchedulerState.Configuration {
        SchedulerState.Configuration(
            stamp: stamp, digests: digests, documents: documents, weights: .port(5556),
            vocabulary: vocabulary, endTokens: [endToken], lengthLimits: [.training: lengthLimit])
    }

    /// One message of every kind a worker sends.
    package static var workerMessages: [WorkerMessage] {
        let assignment = round()[0]
        let attempt = attempt(of: assignment)
        let standing = WorkerStanding(version: PolicyVersion(3), working: [attempt], pending: [attempt])
        let valid = result(attempt, assignment)
        return [
            .hello(hello()),
            .hello(
                Hello(
                    name: "작업자 \"2\"\n", instance: .max, host: "h", process: 0, machine: "", digests: digests,
                    standing: standing)),
            .ready(PolicyVersion(0)), .ping(.empty), .ping(standing), .result(valid),
            .result(
                RolloutResult(
                    attempt: attempt, traces: valid.traces, claims: Samples.claims(of: valid.traces))),
            .result(RolloutResult(attempt: attempt, traces: [], claims: nil)),
            .result(
                RolloutResult(
                    attempt: attempt,
                    traces: valid.traces.map { trace in
                        Samples.trace(trace.id) { (7, PolicyVersion($0 < 2 ? 3 : 4)) }
                    }, claims: nil)),
            .result(
                RolloutResult(attempt: attempt, traces: valid.traces.map(\.withGivenText), claims: nil)),
            .failed(attempt, reason: "no memory"), .goodbye(returning: []), .goodbye(returning: [attempt]),
            .alive(1), .alive(.max), .statusRequest,
        ]
    }

    /// One message of every kind a coordinator sends.
    package static var coordinatorMessages: [CoordinatorMessage] {
        let assignment = round(purpose: .evaluation, seed: .max)[1]
        let attempt = attempt(of: assignment)
        let going = round(step: 5, staleness: 2, onNewWeights: .continue)[0]
        return [
            .welcome(welcome()), .welcome(welcome(documents: nil, newest: nil)),
            .welcome(
                Welcome(
                    digests: digests, documents: nil, newest: PolicyVersion(9),
                    weights: .endpoint("ipc:///run/ponder/weights"), timing: .standard)),
            .refused(Refusal(subject: .name, ours: "a", theirs: "b")), .helloFirst, .challenge(.max),
            .assignment(attempt, assignment), .assignment(Samples.attempt(of: going), going),
            .abandon(attempt), .acknowledged(attempt),
            .pong(newest: nil), .pong(newest: PolicyVersion(12)), .farewell(.complete),
            .farewell(.interrupted), .farewell(.failed), .status(Array("{\"step\":1}".utf8)), .status([]),
        ]
    }

    /// A manifest over `bytes` as two tensors, hashed.
    package static func manifest(
        version: PolicyVersion, bytes: [UInt8], chunkSize: Int
    ) -> WeightManifest {
        precondition(bytes.count >= 8 && bytes.count.isMultiple(of: 8), "two fp32 tensors of equal size")
        let half = bytes.count / 2
        func tensor(_ name: String, _ range: Range<Int>) -> WeightManifest.TensorEntry {
            WeightManifest.TensorEntry(
                name: name, dtype: .fp32, shape: [range.count / 4], range: range)
        }
        let tensors = [tensor("a", 0..<half), tensor("b", half..<bytes.count)]
        return WeightManifest(
            version: version, tensors: tensors, chunkSize: chunkSize,
            chunks: WeightManifest.cut(tensors, chunkSize: chunkSize, atMost: bytes.count).map {
                SHA256Reference.hexadecimal(bytes[$0])
            }, totalBytes: bytes.count, policyHash: SHA256Reference.hexadecimal(bytes[...]))
    }
}

extension Trace {
    /// The same sampled tokens, with a text of two tokens that an environment gave behind the first one.
    package var withGivenText: Trace {
        guard let version = segments.first?.version, !tokens.isEmpty else { return self }
        let after = tokens.count - 1
        return Trace(
            id: id, tokens: tokens.prefix(1) + [9, Samples.endToken] + tokens.dropFirst(),
            logProbabilities: logProbabilities,
            segments: [.sampled(version, tokens: 1), .given(tokens: 2)]
                + (after > 0 ? [.sampled(version, tokens: after)] : []), finish: finish)
    }
}
