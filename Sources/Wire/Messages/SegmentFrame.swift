import Reinforcement

/// The origins of a result's tokens, as segments that are handed out trace by trace.
struct SegmentFrame {
    private var rest: [Segment]
    /// Number of sampled tokens.
    let sampledCount: Int

    /// Replaces the policy version for a given text.
    private static let given: Int64 = -1

    /// The segments of all traces in a row; adjacent segments of one origin are joined.
    static func joined(_ traces: [Trace]) -> [Segment] {
        var segments: [Segment] = []
        for segment in traces.lazy.flatMap(\.segments) where segment.tokens > 0 {
            if let last = segments.last, last.version == segment.version {
                segments[segments.count - 1] = last.with(tokens: last.tokens + segment.tokens)
            } else {
                segments.append(segment)
            }
        }
        return segments
    }

    static func frame(of traces: [Trace]) -> Frame {
        RawArray.frame(
            of: joined(traces).flatMap { [$0.version.map { Int64($0.rawValue) } ?? given, Int64($0.tokens)] })
    }

    /// - Throws: `WireError` unless there are `count` segments of at least one token each, with `total`
    ///   tokens together.
    init(_ frame: Frame, count: Int, tokens total: Int, field: String) throws {
        let numbers = try RawArray.values(of: frame, count: count * 2, zero: Int64(0), field: field)
        var (segments, left, sampled) = ([Segment](), total, 0)
        segments.reserveCapacity(count)
        for place in 0..<count {
            let (origin, tokens) = (numbers[place * 2], numbers[place * 2 + 1])
            guard origin >= Self.given, origin <= WireProtocol.steps, tokens >= 1, tokens <= left else {
                throw WireError(
                    .outOfRange, field: "\(field)[\(place)]", found: "origin \(origin), \(tokens) tokens",
                    wanted: "a policy from 0 to \(WireProtocol.steps) or \(Self.given), 1 to \(left) tokens")
            }
            let segment =
                origin == Self.given
                ? Segment.given(tokens: Int(tokens))
                : .sampled(PolicyVersion(Int(origin)), tokens: Int(tokens))
            segments.append(segment)
            left -= Int(tokens)
            sampled += segment.sampledCount
        }
        guard left == 0 else {
            throw WireError(
                .outOfRange, field: field, found: "\(total - left) tokens in all", wanted: "\(total)")
        }
        rest = segments.reversed()
        sampledCount = sampled
    }

    /// Takes the segments of the next tokens; cuts a segment that reaches further.
    mutating func next(_ tokens: Int) -> [Segment] {
        var (taken, left) = ([Segment](), tokens)
        while left > 0, let segment = rest.popLast() {
            let count = min(segment.tokens, left)
            taken.append(segment.with(tokens: count))
            if count < segment.tokens { rest.append(segment.with(tokens: segment.tokens - count)) }
            left -= count
        }
        return taken
    }
}
