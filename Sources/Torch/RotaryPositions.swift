import CTorchAPI
import Foundation

/// Rotary positions (Su et al., arXiv 2104.09864): at position p, pair i of a head, one element from each half, is
/// rotated by the angle p · inverseFrequencies[i].
package struct RotaryPositions: Sendable, Hashable {
    /// One for each pair, [head width / 2], fastest first.
    package let inverseFrequencies: [Float]
    /// Multiplies cosines and sines; other than 1 only for scaled kinds (YaRN's attention factor).
    package let scale: Double

    package init(inverseFrequencies: [Float], scale: Double = 1) {
        self.inverseFrequencies = inverseFrequencies
        self.scale = scale
    }

    /// Unscaled frequencies theta^(−2i / width), computed in float32 as transformers does.
    package init(theta: Double, width: Int) {
        self.init(
            inverseFrequencies: (0..<width / 2).map { 1 / powf(Float(theta), Float(2 * $0) / Float(width)) })
    }

    /// Passes a view for the shim to `body`; the view is valid during the call only.
    func withRaw<Result, Failure: Error>(_ body: (inout pt_rope) throws(Failure) -> Result) throws(Failure)
        -> Result
    {
        // The array's storage is valid inside this closure only, and the closure cannot throw a typed error: hence the
        // `Result`.
        let result = inverseFrequencies.withUnsafeBufferPointer {
            frequencies -> Swift.Result<Result, Failure> in
            var raw = pt_rope(
                inverse_frequencies: frequencies.baseAddress, count: Int64(frequencies.count), scale: scale)
            do throws(Failure) {
                return .success(try body(&raw))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
