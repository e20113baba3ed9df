import Foundation
package import Torch

/// The rotary positions that a `config.json` asks for.
package struct RopeSettings: Sendable, Hashable {
    package var theta: Double
    /// Nil for the `default` kind.
    package var llama3: Llama3Scaling?

    package init(theta: Double = 10_000, llama3: Llama3Scaling? = nil) {
        self.theta = theta
        self.llama3 = llama3
    }

    /// Angles of a head of `width` elements.
    package func positions(width: Int) -> RotaryPositions {
        let plain = RotaryPositions(theta: theta, width: width)
        guard let llama3 else { return plain }
        return RotaryPositions(inverseFrequencies: plain.inverseFrequencies.map(llama3.scaled))
    }
}

/// How Llama 3.1 stretches a context: slow turns are divided by `factor`, fast ones are left, those between are blended
/// (rope type `llama3` of transformers).
package struct Llama3Scaling: Sendable, Hashable {
    package var factor: Double
    package var lowFrequencyFactor: Double
    package var highFrequencyFactor: Double
    /// Positions of the context before it was stretched.
    package var originalPositions: Int

    package init(
        factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalPositions: Int
    ) {
        self.factor = factor
        self.lowFrequencyFactor = lowFrequencyFactor
        self.highFrequencyFactor = highFrequencyFactor
        self.originalPositions = originalPositions
    }

    /// In float32, as transformers computes it.
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
