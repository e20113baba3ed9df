import Foundation
import Primitives
import Reinforcement
package import RunStore
import Settings

/// How well the take-off of a recorded run is found.
package struct TakeOffBenchmark: Sendable, Encodable {
    package let run: String
    package let steps: Int
    /// Whether the run's learning rate is 0, so that every take-off is invented.
    package let isFlat: Bool
    /// The step that the detector names, from the steps up to it; nil when it finds none.
    package let found: Int?
    /// The first step whose mean accuracy of five steps is halfway from the mean of the first five steps to that of the
    /// last ten, which is known only afterwards; nil when there is none.
    package let halfway: Int?
    /// Series with the steps of the run in a random order, and how many of them have a take-off for the detector.
    package let shuffles: Int
    package let falseAlarms: Int
    /// Processor time of a step in the detector, in microseconds.
    package let microseconds: Double

    /// Whether the detector is right: within a tenth of `halfway`, and silent in a run that does not learn.
    package var isRight: Bool {
        if isFlat { return found == nil }
        guard let found, let halfway else { return false }
        return abs(found - halfway) * 10 <= halfway
    }

    /// - Throws: `RunDatabaseError`, `ConfigurationError`, `FileError`.
    package init(_ directory: RunDirectory, shuffles: Int) throws {
        let series = try RunDatabase.openReadOnly(directory).steps()
        run = directory.root.lastPathComponent
        steps = series.count
        isFlat = try directory.configuration().learning.rate == 0
        found = Self.takeOff(series)
        halfway = Self.halfway(series.map(\.accuracy))
        self.shuffles = shuffles
        var random = SplitMix64(state: 1)
        let start = ContinuousClock.now
        falseAlarms = (0..<shuffles).count { _ in Self.takeOff(series.shuffled(using: &random)) != nil }
        let looked = Double(max(1, shuffles * series.count))
        microseconds = (ContinuousClock.now - start) / .microseconds(1) / looked
    }

    private static func takeOff(_ series: [StepMetrics]) -> Int? {
        var detector = TakeOffDetector()
        for (index, step) in series.enumerated() {
            detector.add(step: index + 1, accuracy: step.accuracy, format: step.format)
            if let takeOff = detector.takeOff { return takeOff.step }
        }
        return nil
    }

    private static func halfway(_ accuracy: [Double]) -> Int? {
        func mean(_ part: ArraySlice<Double>) -> Double { part.reduce(0, +) / Double(max(1, part.count)) }
        guard accuracy.count >= 10 else { return nil }
        let level = (mean(accuracy.prefix(5)) + mean(accuracy.suffix(10))) / 2
        return (5...accuracy.count).first { mean(accuracy[($0 - 5)..<$0]) > level }
    }
}
