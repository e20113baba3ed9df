/// Neighbouring tokens of a trace with one origin: one policy sampled them, or an environment gave them.
///
/// A given text conditions what follows it, as a prompt does. It has no log-probabilities, and the loss, the audit and
/// every count leave it out.
package struct Segment: Sendable, Hashable {
    /// The policy that sampled the tokens; nil for a given text.
    package let version: PolicyVersion?
    /// How many, at least one.
    package let tokens: Int

    package static func sampled(_ version: PolicyVersion, tokens: Int) -> Segment {
        Segment(version: version, tokens: tokens)
    }

    package static func given(tokens: Int) -> Segment { Segment(version: nil, tokens: tokens) }

    /// How many of its tokens a policy sampled: all or none.
    package var sampledCount: Int { version == nil ? 0 : tokens }

    /// The same origin for another number of tokens.
    package func with(tokens: Int) -> Segment { Segment(version: version, tokens: tokens) }
}
