/// The precision of a policy's products; sums, the learner's masters and the optimizer are fp32 in both.
package enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
    /// IEEE 754 binary32: 8 bits of exponent, 23 of fraction.
    case fp32
    /// bfloat16: the upper 16 bits of an fp32 number, with 7 bits of fraction.
    case bf16

    /// Bytes of one number.
    package var size: Int { self == .fp32 ? 4 : 2 }
}
