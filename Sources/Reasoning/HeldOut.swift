import Primitives

/// Decides which questions are held out for measuring.
///
/// Only the question decides, so no run and no book ever contains a held-out question.
/// A question is held out when its `StableHash` is divisible by `oneIn`. By default that is a fifth of all questions.
package struct HeldOut: Sendable, Hashable {
    package let oneIn: UInt64

    package static let fifth = HeldOut(oneIn: 5)

    /// The most problems that are held out when no number is given.
    package static let limit = 512

    /// Values of `oneIn` below 2 would hold out every question and count as 2.
    package init(oneIn: UInt64) { self.oneIn = max(2, oneIn) }

    package func contains(question: String) -> Bool { StableHash.hash(question) % oneIn == 0 }
}
