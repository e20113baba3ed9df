/// Consecutive tokens of a trace with one origin: either one policy sampled them, or an environment gave
/// them.
///
/// Given text conditions the tokens after it, as a prompt does. It has no log-probabilities, and the loss,
/// the audit and every count ignore it.
package struct Segment: Sendable, Hashable {
    /// The policy that sampled the tokens; nil for given text.
    package let version: PolicyVersion?
    /// Number of tokens, at least 1.
    package let tokens: Int

    package static func sampled(_ version: PolicyVersion, tokens: Int) -> Segment {
        Segment(version: version, tokens: tokens)
    }

    package static func given(tokens: Int) -> Segment { Segment(version: nil, tokens: tokens) }

    /// Number of tokens that a policy sampled: all or none.
    package var sampledCount: Int { version == nil ? 0 : tokens }

    /// A segment of the same origin with another number of tokens.
    package func with(tokens: Int) -> Segment { Segment(version: version, tokens: tokens) }
}

extension [Segment] {
    /// The number of sampled tokens.
    package var sampledCount: Int { reduce(0) { $0 + $1.sampledCount } }

    /// The ranges of the sampled tokens, one per sampled segment.
    package var sampledRanges: [Range<Int>] {
        var end = 0
        return compactMap { segment in
            end += segment.tokens
            return segment.version == nil ? nil : end - segment.tokens..<end
        }
    }
}
