import Reasoning
import Reinforcement
import Scheduling
import StrictJSON

// A result is six frames: the header, then arrays for its n traces of t tokens in total, s of them sampled
//   rows               Int32 [n, 4]  problem, sample, tokens, finish (0 the end token, 1 the limit)
//   tokens             Int32 [t]
//   logProbabilities   Float32 [s]
//   verdicts           Float64 [n × j], or empty, of j judges: credit from 0 to 1, -1 undecided, -2 no answer to judge
//   segments           Int64 [r, 2]  policy version (-1 for a given text), tokens: the origins of the t tokens, in
//                                    their order; a segment may span several traces

extension RolloutResult {
    var json: JSONValue {
        [
            "attempt": attempt.json,
            "traces": .integer(traces.count), "tokens": .integer(traces.reduce(0) { $0 + $1.tokens.count }),
            "verdicts": .integer(claims?.count ?? -1),
            "segments": .integer(SegmentFrame.joined(traces).count),
        ]
    }

    /// - Throws: `WireError` when a trace's arrays differ in length.
    func frames() throws -> [Frame] {
        var rows: [Int32] = []
        var tokens: [Int32] = []
        var logProbabilities: [Float] = []
        rows.reserveCapacity(traces.count * 4)
        for trace in traces {
            guard trace.sampledCount == trace.logProbabilities.count,
                trace.tokens.count == trace.segments.reduce(0, { $0 + $1.tokens }),
                trace.id.round == attempt.assignment.round, let problem = Int32(exactly: trace.id.problem),
                let sample = Int32(exactly: trace.id.sample)
            else {
                throw WireError(
                    .outOfRange, field: "result.traces",
                    found: """
                        problem \(trace.id.problem), sample \(trace.id.sample) with \(trace.tokens.count) tokens and \
                        \(trace.logProbabilities.count) log-probabilities in \(trace.segments)
                        """,
                    wanted:
                        "a trace of the attempt's round, segments of all its tokens, a log-probability of each sampled one"
                )
            }
            rows.append(contentsOf: [
                problem, sample, Int32(trace.tokens.count), trace.finish == .end ? 0 : 1,
            ])
            tokens.append(contentsOf: trace.tokens)
            logProbabilities.append(contentsOf: trace.logProbabilities)
        }
        if let claims, !claims.count.isMultiple(of: traces.count) {
            throw WireError(
                .outOfRange, field: "result.verdicts", found: "\(claims.count)",
                wanted: "a multiple of \(traces.count)")
        }
        let frames = [
            RawArray.frame(of: rows), RawArray.frame(of: tokens), RawArray.frame(of: logProbabilities),
            RawArray.frame(of: (claims ?? []).map(ClaimedVerdict.number)),
            SegmentFrame.frame(of: traces),
        ]
        if let large = frames.first(where: { $0.count > WireProtocol.largestFrame }) {
            throw WireError(
                .frameSize, field: "result", found: "\(large.count) bytes",
                wanted: "at most \(WireProtocol.largestFrame)")
        }
        return frames
    }

    /// - Throws: `WireError`.
    init(json: JSONValue, frames: [Frame]) throws {
        let (attempt, count, total, claimed, origins) = try ObjectReader.read(json, path: "result") {
            fields in
            (
                try fields.attempt("attempt"),
                try fields.integer("traces", in: 0...WireProtocol.traces),
                try fields.integer("tokens", in: 0...WireProtocol.largestFrame / 4),
                try fields.integer("verdicts", in: -1...WireProtocol.verdicts),
                try fields.integer("segments", in: 0...WireProtocol.largestFrame / 16)
            )
        }
        let rows = try RawArray.values(of: frames[1], count: count * 4, zero: Int32(0), field: "result.rows")
        let tokens = try RawArray.values(of: frames[2], count: total, zero: Int32(0), field: "result.tokens")
        var segments = try SegmentFrame(frames[5], count: origins, tokens: total, field: "result.segments")
        let logProbabilities = try RawArray.values(
            of: frames[3], count: segments.sampledCount, zero: Float(0), field: "result.logProbabilities")
        let claims = try RawArray.values(
            of: frames[4], count: max(0, claimed), zero: 0.0, field: "result.verdicts"
        ).enumerated().map { try ClaimedVerdict.verdict(of: $1, field: "result.verdicts[\($0)]") }
        var traces: [Trace] = []
        traces.reserveCapacity(count)
        var (start, sampled) = (0, 0)
        for row in 0..<count {
            let (length, finish) = (Int(rows[row * 4 + 2]), rows[row * 4 + 3])
            guard length >= 0, length <= total - start, finish == 0 || finish == 1 else {
                throw WireError(
                    .outOfRange, field: "result.rows[\(row)]", found: "\(length) tokens, finish \(finish)",
                    wanted: "0 to \(total - start) tokens, finish 0 or 1")
            }
            let parts = segments.next(length)
            let count = parts.reduce(0) { $0 + $1.sampledCount }
            traces.append(
                Trace(
                    id: SampleID(
                        round: attempt.assignment.round, problem: Int(rows[row * 4]),
                        sample: Int(rows[row * 4 + 1])),
                    tokens: Array(tokens[start..<start + length]),
                    logProbabilities: Array(logProbabilities[sampled..<sampled + count]), segments: parts,
                    finish: finish == 0 ? .end : .length))
            start += length
            sampled += count
        }
        guard start == total else {
            throw WireError(
                .outOfRange, field: "result.rows", found: "\(start) tokens in all", wanted: "\(total)")
        }
        self.init(attempt: attempt, traces: traces, claims: claimed < 0 ? nil : claims)
    }
}

/// A worker's verdict as a number.
private enum ClaimedVerdict {
    private static let undecided = -1.0
    private static let noAnswer = -2.0

    static func number(of verdict: Verdict?) -> Double {
        switch verdict {
        case nil: noAnswer
        case .undecided: undecided
        case .some(let verdict): verdict.credit
        }
    }

    /// - Throws: `WireError` for a number that stands for no verdict.
    static func verdict(of number: Double, field: String) throws -> Verdict? {
        if number == noAnswer { return nil }
        if number == undecided { return .undecided }
        guard let verdict = Verdict(credit: number) else {
            throw WireError(
                .outOfRange, field: field, found: "\(number)", wanted: "a credit from 0 to 1, -1 or -2")
        }
        return verdict
    }
}
