import Primitives

/// Which questions are kept for measuring: decided by the question alone, so no run and no book can see one.
///
/// A question is held out when its `StableHash` is divisible by `oneIn`: a fifth of all questions by default.
package struct HeldOut: Sendable, Hashable {
    package let oneIn: UInt64

    package static let fifth = HeldOut(oneIn: 5)

    /// `oneIn` below 2 would leave nothing to learn from and counts as 2.
    package init(oneIn: UInt64) { self.oneIn = max(2, oneIn) }

    package func contains(question: String) -> Bool { StableHash.hash(question) % oneIn == 0 }
}
