import Foundation
import StrictConfiguration

/// Draws the problems that teach most: those that are sometimes solved and sometimes not.
///
///     var curriculum = Curriculum(seed: 1)
///     let asked = curriculum.draw(32, of: problems, step: 7)
///     curriculum.record(asked.map { (problem: $0, solved: 0.25) })
///
/// A problem is drawn with a weight of 4·p·(1 − p) of its solve rate p, but never with less than `revisit`: one that is
/// always or never solved teaches nothing and is asked now and then only, to see whether that has changed. One that was
/// never asked weighs 1. What is drawn follows from seed, step and the recorded outcomes alone.
package struct Curriculum: Sendable, Hashable, Codable {
    /// Least weight of a problem, where one that is solved half the time weighs 1.
    package let revisit: Double
    /// Share of the solve rate that earlier visits keep when a new one is recorded.
    package let memory: Double
    private let seed: UInt64
    /// Solve rates by problem id.
    package var rates: [String: Double] = [:]

    /// Whether a run has a curriculum, and which.
    package struct Settings: ConfigurationSection {
        @Setting(.flag, "draw what is sometimes solved more often than what is always or never solved")
        package var enabled = false
        @Setting(
            .number(0.001...1),
            "least weight of a problem, which one that is always or never solved has; one solved half the time has 1"
        )
        package var revisit = 0.05
        @Setting(.number(0...0.99), "share of the solve rate that earlier visits keep")
        package var memory = 0.5

        package init() {}
    }

    package init(seed: UInt64, _ settings: Settings = Settings()) {
        self.seed = seed
        revisit = settings.revisit
        memory = settings.memory
    }

    /// Between `revisit` and 1.
    package func weight(of problem: Problem) -> Double {
        guard let rate = rates[problem.id] else { return 1 }
        return max(revisit, 4 * rate * (1 - rate))
    }

    /// `count` problems of a step, all different while there are enough, drawn by weight without replacement.
    package func draw(_ count: Int, of problems: [Problem], step: Int) -> [Problem] {
        guard !problems.isEmpty, count > 0 else { return [] }
        var generator = SeededGenerator(
            seed: seed, stream: .curriculum, index: UInt64(bitPattern: Int64(step)))
        // Exponential arrival times: the earliest `count` are a weighted draw without replacement (Efraimidis and Spirakis).
        let arrivals = problems.indices.map { place -> (time: Double, place: Int) in
            // Above 0, so that the logarithm is finite.
            let uniform = (Double(generator.next() >> 11) + 1) * 0x1p-53
            return (-log(uniform) / weight(of: problems[place]), place)
        }
        let order = arrivals.sorted { ($0.time, $0.place) < ($1.time, $1.place) }
        return (0..<count).map { problems[order[$0 % order.count].place] }
    }

    /// Remembers how often each problem of a step was solved, as shares from 0 to 1.
    package mutating func record(_ outcomes: [(problem: Problem, solved: Double)]) {
        for (problem, solved) in outcomes {
            rates[problem.id] = rates[problem.id].map { memory * $0 + (1 - memory) * solved } ?? solved
        }
    }
}
