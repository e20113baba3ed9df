import Reasoning
import Reinforcement
import Scheduling
import TestSupport
import Testing

@testable import Wire

struct MessageCoderTests {
    @Test func `every worker message survives the wire`() throws {
        for message in Samples.workerMessages {
            let envelope = Envelope(stamp: Samples.stamp, message: message)
            #expect(try MessageCoder.decodeWorkerMessage(try MessageCoder.encode(envelope)) == envelope)
        }
    }

    @Test func `every coordinator message survives the wire`() throws {
        for message in Samples.coordinatorMessages {
            let envelope = Envelope(stamp: Samples.stamp, message: message)
            #expect(try MessageCoder.decodeCoordinatorMessage(try MessageCoder.encode(envelope)) == envelope)
        }
    }

    @Test func `a header is readable and begins with the protocol version`() throws {
        let frames = try MessageCoder.encode(
            Envelope(stamp: Samples.stamp, message: WorkerMessage.ready(PolicyVersion(12))))
        #expect(
            String(decoding: frames[0], as: UTF8.self)
                == #"{"ponder":6,"run":"bills-7f3a","incarnation":2,"kind":"ready","body":{"version":12}}"#)
    }

    @Test func `NaN and infinity of a log-probability arrive as they are, for admission to judge`() throws {
        let assignment = Samples.round()[0]
        let trace = Trace(
            id: SampleID(round: assignment.id.round, problem: 0, sample: 0), tokens: [3, 4, -9],
            logProbabilities: [.nan, -.infinity, 2], version: PolicyVersion(0), finish: .length)
        let result = RolloutResult(attempt: Samples.attempt(of: assignment), traces: [trace], claims: [nil])
        let frames = try MessageCoder.encode(
            Envelope(stamp: Samples.stamp, message: WorkerMessage.result(result)))
        guard case .result(let decoded) = try MessageCoder.decodeWorkerMessage(frames).message else {
            Issue.record("not a result")
            return
        }
        #expect(
            decoded.traces[0].logProbabilities.map(\.bitPattern) == trace.logProbabilities.map(\.bitPattern))
        #expect(decoded.traces[0].tokens == trace.tokens)
    }

    @Test(arguments: [
        (
            #"{"ponder":99,"run":"","incarnation":0,"kind":"x","body":{},"new":1}"#,
            WireError.Code.protocolVersion
        ),
        (#"{"ponder":6,"run":"","incarnation":0,"kind":"welcome","body":{}}"#, .unknownKind),
        (
            #"{"ponder":6,"run":"","incarnation":0,"kind":"ready","body":{"version":1,"more":2}}"#,
            .unknownField
        ),
        (
            #"{"ponder":6,"run":"","incarnation":0,"kind":"ready","body":{"version":1},"more":2}"#,
            .unknownField
        ),
        (#"{"ponder":6,"run":"","incarnation":0,"kind":"ready","body":{}}"#, .missingField),
        (#"{"ponder":6,"incarnation":0,"kind":"ready","body":{"version":1}}"#, .missingField),
        (#"{"ponder":6,"run":"","incarnation":0,"kind":"ready","body":{"version":-1}}"#, .outOfRange),
        (#"{"ponder":6,"run":"","incarnation":0,"kind":"ready","body":{"version":1.5}}"#, .wrongType),
        (#"{"ponder":6,"run":"","incarnation":0,"kind":"ready","body":{"version":"1"}}"#, .wrongType),
        (#"{"ponder":6,"run":"","incarnation":-1,"kind":"ready","body":{"version":1}}"#, .wrongType),
        (#"{"ponder":6,"run":"","incarnation":0,"kind":"ready","body":{"version":1}} "#, nil),
        (#"{"ponder":6,"run":"","incarnation":0,"kind":"ready","body":{"version":1}}x"#, .syntax),
        (
            #"{"ponder":6,"run":"","incarnation":0,"kind":"ready","kind":"ready","body":{"version":1}}"#,
            .syntax
        ),
        (#"{"ponder":6,"run":"\ud800","incarnation":0,"kind":"ready","body":{"version":1}}"#, .syntax),
        (#"{"ponder":6,"run":"","incarnation":99999999999999999999,"kind":"ready","body":{}}"#, .wrongType),
        (#"{"ponder":6,"run":"","incarnation":0,"kind":"ready","body":[]}"#, .wrongType),
        (#"["ponder",1]"#, .notPonder), ("", .notPonder), ("{}", .notPonder),
    ])
    func `a header that is not exactly right is refused by name`(
        _ header: String, _ code: WireError.Code?
    ) throws {
        let frames = [Array(header.utf8)]
        if let code {
            let error = #expect(throws: WireError.self) { try MessageCoder.decodeWorkerMessage(frames) }
            #expect(error?.code == code)
        } else {
            #expect(try MessageCoder.decodeWorkerMessage(frames).message == .ready(PolicyVersion(1)))
        }
    }

    @Test func `another protocol version is told even when nothing else of the message can be read`() {
        let frames = [Array(#"{"ponder":7,"layout":["entirely","new"]}"#.utf8), [1], [2]]
        let error = #expect(throws: WireError.self) { try MessageCoder.decodeWorkerMessage(frames) }
        #expect(error?.theirProtocol == 7)
    }

    @Test(arguments: [0, 1, 2, 5, 7, 1000])
    func `a result has exactly six frames`(_ count: Int) throws {
        let message = Samples.workerMessages[5]
        let frames = try MessageCoder.encode(Envelope(stamp: Samples.stamp, message: message))
        let changed = (0..<count).map { $0 < frames.count ? frames[$0] : [] }
        let error = #expect(throws: WireError.self) { try MessageCoder.decodeWorkerMessage(changed) }
        #expect(error?.code == .frameCount)
    }

    @Test(arguments: 1...5, [-1, 1, 4])
    func `a frame of another size is refused`(_ index: Int, _ difference: Int) throws {
        let message = Samples.workerMessages[6]
        var frames = try MessageCoder.encode(Envelope(stamp: Samples.stamp, message: message))
        if difference < 0 {
            frames[index].removeLast(-difference)
        } else {
            frames[index].append(contentsOf: [UInt8](repeating: 0, count: difference))
        }
        let error = #expect(throws: WireError.self) { try MessageCoder.decodeWorkerMessage(frames) }
        #expect(error?.code == .frameSize)
    }

    @Test(arguments: [(0, Int32.min), (2, -1), (2, .max), (2, 100), (3, 2), (3, -1)])
    func `rows that contradict the tokens are refused`(_ column: Int, _ value: Int32) throws {
        let message = Samples.workerMessages[5]
        var frames = try MessageCoder.encode(Envelope(stamp: Samples.stamp, message: message))
        withUnsafeBytes(of: value) { frames[1].replaceSubrange(column * 4..<column * 4 + 4, with: $0) }
        if column == 0 {
            // A problem that was never assigned is for admission to judge.
            #expect(throws: Never.self) { try MessageCoder.decodeWorkerMessage(frames) }
        } else {
            let error = #expect(throws: WireError.self) { try MessageCoder.decodeWorkerMessage(frames) }
            #expect(error?.code == .outOfRange)
        }
    }

    @Test func `given text travels without log-probabilities, and its end is kept where traces meet`() throws
    {
        let assignment = Samples.round()[0]
        let traces = Samples.result(Samples.attempt(of: assignment), assignment).traces.map { trace in
            let given = trace.withGivenText
            return Trace(
                id: given.id, tokens: [9] + given.tokens + [9], logProbabilities: given.logProbabilities,
                segments: [.given(tokens: 1)] + given.segments + [.given(tokens: 1)], finish: given.finish)
        }
        let result = RolloutResult(attempt: Samples.attempt(of: assignment), traces: traces, claims: nil)
        var frames = try MessageCoder.encode(
            Envelope(stamp: Samples.stamp, message: WorkerMessage.result(result)))
        #expect(frames[3].count == 4 * result.tokenCount)
        #expect(frames[2].count == 4 * (result.tokenCount + 4 * traces.count))
        #expect(try MessageCoder.decodeWorkerMessage(frames).message == .result(result))
        // The first given token as one that policy 0 sampled: its log-probability is missing.
        withUnsafeBytes(of: Int64(0)) { frames[5].replaceSubrange(0..<8, with: $0) }
        let error = #expect(throws: WireError.self) { try MessageCoder.decodeWorkerMessage(frames) }
        #expect(error?.code == .frameSize)
    }

    @Test(arguments: [(0, Int64(-2)), (0, .max), (1, 0), (1, -1), (1, 3), (1, .max), (3, 1), (3, .max)])
    func `segments that contradict the tokens are refused`(_ place: Int, _ value: Int64) throws {
        let assignment = Samples.round()[0]
        let trace = Samples.trace(SampleID(round: assignment.id.round, problem: 0, sample: 0)) {
            (5, PolicyVersion($0 < 2 ? 0 : 1))
        }
        #expect(trace.segments.count == 2)
        var frames = try MessageCoder.encode(
            Envelope(
                stamp: Samples.stamp,
                message: WorkerMessage.result(
                    RolloutResult(attempt: Samples.attempt(of: assignment), traces: [trace], claims: nil))))
        withUnsafeBytes(of: value) { frames[5].replaceSubrange(place * 8..<place * 8 + 8, with: $0) }
        let error = #expect(throws: WireError.self) { try MessageCoder.decodeWorkerMessage(frames) }
        #expect(error?.code == .outOfRange)
    }

    @Test func `a result of one policy names it once`() throws {
        let frames = try MessageCoder.encode(
            Envelope(stamp: Samples.stamp, message: Samples.workerMessages[5]))
        #expect(frames[5].count == 16)
    }

    @Test func `nested bombs and endless digits are refused before they cost anything`() {
        let prefix = #"{"ponder":6,"run":"","incarnation":0,"kind":"ready","body":"#
        for bomb in [
            String(repeating: "[", count: 60_000), String(repeating: #"{"a":"#, count: 10_000),
            String(repeating: "9", count: 60_000), "1e" + String(repeating: "9", count: 30), "1e999",
        ] {
            let error = #expect(throws: WireError.self) {
                try MessageCoder.decodeWorkerMessage([Array((prefix + bomb).utf8)])
            }
            #expect(error?.code == .syntax)
        }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        for bytes in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]]
            as [[UInt8]]
        {
            let header =
                Array(#"{"ponder":6,"run":""#.utf8) + bytes
                + Array(#"","incarnation":0,"kind":"ready","body":{"version":1}}"#.utf8)
            let error = #expect(throws: WireError.self) { try MessageCoder.decodeWorkerMessage([header]) }
            #expect(error?.code == .syntax)
        }
    }

    @Test func `a header over its limit is refused unread, and an assignment may be larger`() throws {
        let padding = [UInt8](repeating: 0x20, count: 70_000)
        let ready = Array(#"{"ponder":6,"run":"","incarnation":0,"kind":"ready","body":{"version":1}}"#.utf8)
        let error = #expect(throws: WireError.self) {
            try MessageCoder.decodeWorkerMessage([ready + padding])
        }
        #expect(error?.code == .frameSize)
        let round = Samples.round(assignments: 1, problems: 1000)
        let envelope = Envelope(
            stamp: Samples.stamp,
            message: CoordinatorMessage.assignment(Samples.attempt(of: round[0]), round[0]))
        let frames = try MessageCoder.encode(envelope)
        #expect(frames[0].count > 70_000)
        #expect(try MessageCoder.decodeCoordinatorMessage(frames) == envelope)
        let pong = Array(#"{"ponder":6,"run":"","incarnation":0,"kind":"pong","body":{"newest":1}}"#.utf8)
        #expect(throws: WireError.self) { try MessageCoder.decodeCoordinatorMessage([pong + padding]) }
    }

    @Test func `what the other side would refuse is not sent`() {
        let assignment = Samples.round()[0]
        let attempt = Samples.attempt(of: assignment)
        let short = Trace(
            id: SampleID(round: assignment.id.round, problem: 0, sample: 0), tokens: [1, 2],
            logProbabilities: [-1], version: PolicyVersion(0), finish: .end)
        for result in [
            RolloutResult(attempt: attempt, traces: [short], claims: nil),
            RolloutResult(attempt: attempt, traces: [], claims: [.correct]),
        ] {
            #expect(throws: WireError.self) {
                try MessageCoder.encode(Envelope(stamp: Samples.stamp, message: WorkerMessage.result(result)))
            }
        }
        let long = Hello(
            name: String(repeating: "w", count: 70_000), instance: 1, host: "", process: 1, machine: "",
            digests: nil, standing: .empty)
        #expect(throws: WireError.self) {
            try MessageCoder.encode(Envelope(stamp: Samples.stamp, message: WorkerMessage.hello(long)))
        }
    }

    @Test func `claims of several judges on each trace arrive, and others are refused`() throws {
        let assignment = Samples.round()[0]
        let attempt = Samples.attempt(of: assignment)
        let traces = Samples.result(attempt, assignment).traces
        let claims = Samples.claims(of: traces + traces + traces)
        let result = RolloutResult(attempt: attempt, traces: traces, claims: claims)
        let frames = try MessageCoder.encode(
            Envelope(stamp: Samples.stamp, message: WorkerMessage.result(result)))
        #expect(try MessageCoder.decodeWorkerMessage(frames).message == .result(result))
        let uneven = RolloutResult(attempt: attempt, traces: traces, claims: claims.dropLast())
        #expect(throws: WireError.self) {
            try MessageCoder.encode(Envelope(stamp: Samples.stamp, message: WorkerMessage.result(uneven)))
        }
    }

    @Test(arguments: [-0.5, 1.5, .nan, .infinity, -3])
    func `a claimed verdict that is none is refused`(_ number: Double) throws {
        let assignment = Samples.round()[0]
        let traces = Samples.result(Samples.attempt(of: assignment), assignment).traces
        let result = RolloutResult(
            attempt: Samples.attempt(of: assignment), traces: traces, claims: Samples.claims(of: traces))
        var frames = try MessageCoder.encode(
            Envelope(stamp: Samples.stamp, message: WorkerMessage.result(result)))
        frames[4].replaceSubrange(8..<16, with: withUnsafeBytes(of: number.bitPattern) { Array($0) })
        let error = #expect(throws: WireError.self) { try MessageCoder.decodeWorkerMessage(frames) }
        #expect(error?.code == .outOfRange && error?.field == "result.verdicts[1]")
    }

    @Test func `a long reason is cut, not refused`() throws {
        let attempt = Samples.attempt(of: Samples.round()[0])
        let reason = String(repeating: "생각", count: 5000)
        let frames = try MessageCoder.encode(
            Envelope(stamp: Samples.stamp, message: WorkerMessage.failed(attempt, reason: reason)))
        guard case .failed(_, let arrived) = try MessageCoder.decodeWorkerMessage(frames).message else {
            Issue.record("not a failure")
            return
        }
        #expect(!arrived.isEmpty && reason.hasPrefix(arrived))
    }
}
