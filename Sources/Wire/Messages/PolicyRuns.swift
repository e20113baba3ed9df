import Reinforcement

/// Who sampled the tokens of a result, run by run, handed out trace by trace.
struct PolicyRuns {
    private var rest: [PolicyRun]

    /// All tokens of the traces in a row; runs of one policy that meet are one.
    static func of(_ traces: [Trace]) -> [PolicyRun] {
        var runs: [PolicyRun] = []
        for run in traces.lazy.flatMap(\.policies) where run.tokens > 0 {
            if let last = runs.last, last.version == run.version {
                runs[runs.count - 1] = PolicyRun(version: run.version, tokens: last.tokens + run.tokens)
            } else {
                runs.append(run)
            }
        }
        return runs
    }

    /// - Throws: `WireError` unless the runs are `count`, each of a token or more, and `tokens` together.
    init(_ frame: Frame, count: Int, tokens total: Int, field: String) throws {
        let numbers = try RawArray.values(of: frame, count: count * 2, zero: Int64(0), field: field)
        var (runs, left) = ([PolicyRun](), total)
        runs.reserveCapacity(count)
        for place in 0..<count {
            let (version, tokens) = (numbers[place * 2], numbers[place * 2 + 1])
            guard version >= 0, version <= WireProtocol.steps, tokens >= 1, tokens <= left else {
                throw WireError(
                    .outOfRange, field: "\(field)[\(place)]", found: "policy \(version), \(tokens) tokens",
                    wanted: "policy 0 to \(WireProtocol.steps), 1 to \(left) tokens")
            }
            runs.append(PolicyRun(version: PolicyVersion(Int(version)), tokens: Int(tokens)))
            left -= Int(tokens)
        }
        guard left == 0 else {
            throw WireError(
                .outOfRange, field: field, found: "\(total - left) tokens in all", wanted: "\(total)")
        }
        rest = runs.reversed()
    }

    /// The runs of the next tokens, of which there are as many.
    mutating func next(_ tokens: Int) -> [PolicyRun] {
        var (taken, left) = ([PolicyRun](), tokens)
        while left > 0, let run = rest.popLast() {
            let count = min(run.tokens, left)
            taken.append(PolicyRun(version: run.version, tokens: count))
            if count < run.tokens { rest.append(PolicyRun(version: run.version, tokens: run.tokens - count)) }
            left -= count
        }
        return taken
    }
}
