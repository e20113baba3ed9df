import ArgumentParser
import BuiltInVerifiers
import Foundation
import Reasoning
import StrictJSON

/// `ponder benchmark verifier`: verdicts a second on one core.
struct BenchmarkVerifierCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verifier",
        abstract: "Time a verifier on given pairs of expectation and answer.",
        discussion: """
            The pairs are JSON lines with "expected" and "answer", judged over and over on one core for --seconds. Reading the \
            file is not counted.

            Examples:
              ponder benchmark verifier --verifier math --pairs Tests/Golden/math-pairs.jsonl --json
            """
    )

    @Option(help: ArgumentHelp("The verifier.", valueName: "name")) var verifier = "math"
    @Option(help: ArgumentHelp("JSON lines.", valueName: "file")) var pairs: String
    @Option(help: "How long to measure.") var seconds = 5.0
    @Flag(help: "Print one JSON object.") var json = false

    private struct Report: Encodable {
        let verifier: String
        let pairs: Int
        let verdicts: Int
        let seconds: Double
        let verdictsPerS: Double
        let slowestMs: Double
    }

    func validate() throws {
        guard (0.1...600).contains(seconds) else {
            throw ValidationError("--seconds must be from 0.1 to 600.")
        }
    }

    func run() throws {
        let verifier = try Verifiers.named(verifier)
        let pairs = try read()
        var (verdicts, slowest) = (0, Duration.zero)
        let start = ContinuousClock.now
        var last = start
        repeat {
            for (answer, expected) in pairs {
                _ = verifier.verdict(on: answer, expected: expected)
                let now = ContinuousClock.now
                slowest = max(slowest, now - last)
                last = now
            }
            verdicts += pairs.count
        } while last - start < .seconds(seconds)
        let time = (last - start) / .seconds(1)
        let report = Report(
            verifier: verifier.name, pairs: pairs.count, verdicts: verdicts, seconds: time,
            verdictsPerS: Double(verdicts) / time, slowestMs: slowest / .milliseconds(1))
        if json { return try JSON.print(report) }
        print(
            "\(report.verdictsPerS.shown(0)) verdicts a second on one core; the slowest took \(report.slowestMs.shown(2)) ms"
        )
    }

    private func read() throws -> [(Answer, String)] {
        guard let data = FileManager.default.contents(atPath: pairs) else {
            throw CommandFailure(.usage, "\(pairs) cannot be read")
        }
        var result: [(Answer, String)] = []
        for (index, line) in data.split(separator: 10).enumerated() {
            do {
                result.append(
                    try JSON.read(line) { object in
                        (
                            Answer(direct: try object.required("answer").string()),
                            try ExpectedAnswer(object.required("expected")).text
                        )
                    })
            } catch {
                throw CommandFailure(.usage, "\(pairs), line \(index + 1): \(JSON.reason(error))")
            }
        }
        guard !result.isEmpty else { throw CommandFailure(.usage, "\(pairs) has no pairs") }
        return result
    }
}
