import Foundation
import TestSupport
import Testing

@testable import Reinforcement

@Suite struct TakeOffTests {
    typealias Series = [Recorded.Step]

    private func takeOff(_ series: Series) -> TakeOff? {
        var detector = TakeOffDetector()
        for (index, step) in series.enumerated() {
            detector.add(step: index + 1, accuracy: step.accuracy, format: step.format)
        }
        return detector.takeOff
    }

    private func mean(_ part: some Collection<Double>) -> Double { part.reduce(0, +) / Double(part.count) }

    @Test(arguments: try Recorded.load().runs)
    func `a recorded run's take-off is found within a tenth of where it lies, from the steps before alone`(
        run: Recorded.Run
    ) throws {
        let accuracy = run.series.map(\.accuracy)
        let halfway = (mean(accuracy.prefix(5)) + mean(accuracy.suffix(10))) / 2
        let truth = try #require((5...accuracy.count).first { mean(accuracy[($0 - 5)..<$0]) > halfway })
        let found = try #require(takeOff(run.series))
        #expect(abs(found.step - truth) * 10 <= truth, "\(found.step) for \(truth)")
        // What comes later plays no part.
        #expect(takeOff(Array(run.series.prefix(found.step))) == found)
        #expect(takeOff(Array(run.series.prefix(found.step - 1))) == nil)
    }

    @Test(arguments: try Recorded.load().flat)
    func `a recorded run that learns nothing has no take-off`(run: Recorded.Run) {
        #expect(takeOff(run.series) == nil)
    }

    @Test func `at most 1 in 100 shuffled series has a take-off`() throws {
        var random = SplitMix(seed: 1)
        let runs = try Recorded.load().runs
        var alarms = 0
        let count = 100
        for run in runs {
            for _ in 0..<count where takeOff(run.series.shuffled(using: &random)) != nil { alarms += 1 }
        }
        #expect(alarms <= max(1, runs.count * count / 100), "\(alarms)")
    }

    @Test func `the test by itself keeps its rate on series of any form, with equal figures, at any length`()
    {
        var random = SplitMix(seed: 2)
        var alarms = 0
        for number in 0..<600 {
            var test = ExchangeabilityTest()
            for _ in 0..<(number % 3 == 0 ? 1000 : 100) {
                let uniform = Double.random(in: 0..<1, using: &random)
                switch number % 4 {
                case 0: test.add(uniform)
                case 1: test.add(uniform < 0.3 ? 0 : 1)
                case 2: test.add(uniform * uniform * uniform)
                default: test.add((8 * uniform).rounded(.down) / 8)
                }
            }
            if test.isRising { alarms += 1 }
        }
        // At most 6 are expected.
        #expect(alarms <= 12, "\(alarms)")
    }

    private func made(_ count: Int, accuracy: (Int) -> Double, format: (Int) -> Double = { _ in 1 }) -> Series
    {
        var random = SplitMix(seed: 3)
        return (1...count).map { step in
            let noise = Double.random(in: -0.03...0.03, using: &random)
            return Recorded.Step(accuracy: min(1, max(0, accuracy(step) + noise)), format: format(step))
        }
    }

    @Test(arguments: [50, 500, 2000])
    func `a rise after a long level stretch is found at its half`(start: Int) throws {
        let found = try #require(
            takeOff(made(start + 60, accuracy: { 0.1 + 0.8 / (1 + exp(Double(start + 20 - $0) / 3)) })))
        #expect(abs(found.step - start - 21) <= 3, "\(found.step)")
        #expect(found.before < 0.15 && found.after > 0.4)
    }

    @Test
    func `a run that is right from the start, one that falls, one that creeps and a short one have none`() {
        #expect(takeOff(made(300, accuracy: { _ in 0.95 })) == nil)
        #expect(takeOff(made(300, accuracy: { 0.9 - Double($0) / 400 })) == nil)
        #expect(takeOff(made(300, accuracy: { 0.1 + Double($0) / 3000 })) == nil)
        #expect(takeOff(made(9, accuracy: { $0 < 6 ? 0 : 1 })) == nil)
        #expect(takeOff([]) == nil)
    }

    @Test func `without any response in the form a rise to nearly all right is found`() {
        let series = made(60, accuracy: { $0 < 30 ? 0.1 : 0.9 }, format: { _ in 0 })
        #expect(takeOff(series).map { (30...36).contains($0.step) } == true)
    }

    @Test(arguments: [15, 30, 100, 1000])
    func `a jump to a level stretch is found in a few steps, with and without noise`(at: Int) throws {
        let noisy = try #require(takeOff(made(at + 30, accuracy: { $0 < at ? 0.1 : 0.9 })))
        let exact = (1..<at + 30).map { Recorded.Step(accuracy: $0 < at ? 0.1 : 0.9, format: 1) }
        let plain = try #require(takeOff(exact))
        for found in [noisy, plain] { #expect((at...at + 6).contains(found.step), "\(found.step)") }
    }

    @Test(arguments: [50, 500, 2000])
    func `a rise after a stretch in which nothing at all is right is found`(start: Int) throws {
        let series = (1...start + 60).map { step in
            Recorded.Step(
                accuracy: step < start ? 0 : 0.8 / (1 + exp(Double(start + 20 - step) / 3)), format: 1)
        }
        #expect(abs(try #require(takeOff(series)).step - start - 21) <= 2)
    }
}

/// Accuracy and format by step of runs with a base like the embedded one, as `Scripts/aha --record` writes them.
struct Recorded: Decodable {
    struct Step: Decodable, Sendable {
        let accuracy: Double
        let format: Double

        init(accuracy: Double, format: Double) {
            self.accuracy = accuracy
            self.format = format
        }

        init(from decoder: any Decoder) throws {
            var pair = try decoder.unkeyedContainer()
            accuracy = try pair.decode(Double.self)
            format = try pair.decode(Double.self)
        }
    }

    struct Run: Decodable, Sendable, CustomTestStringConvertible {
        let seed: Int
        let series: [Step]
        var testDescription: String { "seed \(seed)" }
    }

    let runs: [Run]
    /// With learning rate 0.
    let flat: [Run]

    static func load() throws -> Recorded {
        let file = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Golden/take-off.json")
        return try JSONDecoder().decode(Recorded.self, from: Data(contentsOf: file))
    }
}
