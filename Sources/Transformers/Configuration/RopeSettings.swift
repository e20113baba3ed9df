import Foundation
package import Torch

/// The settings of the rotary position embedding in a `config.json`.
package struct RopeSettings: Sendable, Hashable {
    package var theta: Double
    /// Nil for rope type `default`.
    package var llama3: Llama3Scaling?

    package init(theta: Double = 10_000, llama3: Llama3Scaling? = nil) {
        self.theta = theta
        self.llama3 = llama3
    }

    /// Rotary angles for a head of `width` elements.
    package func positions(width: Int) -> RotaryPositions {
        let plain = RotaryPositions(theta: theta, width: width)
        guard let llama3 else { return plain }
        return RotaryPositions(inverseFrequencies: plain.inverseFrequencies.map(llama3.scaled))
    }
}

/// Llama 3.1's context extension (rope type `llama3` of transformers).
///
/// Low frequencies are divided by `factor`, high ones stay, and those in between are blended.
package struct Llama3Scaling: Sendable, Hashable {
    package var factor: Double
    package var lowFrequencyFactor: Double
    package var highFrequencyFactor: Double
    /// Context length in positions before the extension.
    package var originalPositions: Int

    package init(
        factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalPositions: Int
    ) {
        self.factor = factor
        self.lowFrequencyFactor = lowFrequencyFactor
        self.highFrequencyFactor = highFrequencyFactor
        self.originalPositions = originalPositions
    }

    /// Computed in float32, as in transformers.
    func scaled(_ frequency: Float) -> Float {
        let (low, high) = (Float(lowFrequencyFactor), Float(highFrequencyFactor))
        let wavelength = Float(2 * Double.pi) / frequency
        if wavelength < Float(Double(originalPositions) / highFrequencyFactor) { return frequency }
        if wavelength > Float(Double(originalPositions) / lowFrequencyFactor) {
            return frequency / Float(factor)
        }
        let smooth = (Float(originalPositions) / wavelength - low) / (high - low)
        return (1 - smooth) * frequency / Float(factor) + smooth * frequency
    }
}
