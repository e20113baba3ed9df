import Reinforcement

/// The origins of a result's tokens, segment by segment, handed out trace by trace.
struct SegmentFrame {
    private var rest: [Segment]
    /// How many of the tokens were sampled.
    let sampledCount: Int

    /// Stands for a policy's version in front of a given text.
    private static let given: Int64 = -1

    /// All tokens of the traces in a row; segments of one origin that meet are one.
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

    /// - Throws: `WireError` unless there are `count` segments, each of a token or more, and `total` tokens together.
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

    /// The segments of the next tokens; a segment that reaches further is cut.
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
