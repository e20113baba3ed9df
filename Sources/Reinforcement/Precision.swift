/// The precision of a policy's matrix products.
///
/// Sums, the learner's master weights and the optimizer are fp32 with either precision.
package enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
    /// IEEE 754 binary32: 8 exponent bits, 23 fraction bits.
    case fp32
    /// bfloat16: the upper 16 bits of an fp32 number, with 7 fraction bits.
    case bf16

    /// Bytes of one number.
    package var size: Int { self == .fp32 ? 4 : 2 }
}
