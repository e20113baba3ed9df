/// Precision of the factors of products; the learner's masters are always fp32.
package enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
    /// IEEE 754 single precision, 4 bytes.
    case fp32
    /// bfloat16: the exponent of fp32 and 8 bits of significand, 2 bytes.
    case bf16
}
