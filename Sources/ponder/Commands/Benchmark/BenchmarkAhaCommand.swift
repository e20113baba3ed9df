import ArgumentParser
import Benchmarks
import Foundation
import RunStore

/// `ponder benchmark aha`: whether the take-off of accuracy is found where it is, and only there.
struct BenchmarkAhaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aha",
        abstract: "Measure how well the take-off of accuracy is found in recorded runs.",
        discussion: """
            OFF is the distance from the step found to the first step whose mean of five steps is halfway from the first \
            five steps to the last ten, as a share of that step. ALARMS are take-offs found in series with the steps of the \
            run in a random order. Exit code 1: a run is off by more than 10 %, a run with learning rate 0 has a take-off, \
            or more than 1 % of the series have one. `Scripts/aha` trains the runs first.

            Examples:
              ponder benchmark aha runs/today
              ponder benchmark aha runs/today --shuffles 10000 --json
            """
    )

    @Argument(help: ArgumentHelp("Folders of runs that have ended.", valueName: "run"))
    var runs: [String]

    @Option(help: ArgumentHelp("Series in a random order for each run, 0 to 1000000.", valueName: "n"))
    var shuffles = 1000

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func validate() throws {
        guard (0...1_000_000).contains(shuffles) else {
            throw ValidationError("--shuffles must be from 0 to 1000000.")
        }
    }

    func run() throws {
        if !json { print(Self.row("RUN", "STEPS", "FOUND", "HALFWAY", "OFF", "ALARMS", "US/STEP")) }
        var (isRight, alarms, series) = (true, 0, 0)
        for name in runs {
            let measured = try TakeOffBenchmark(.existing(named: name), shuffles: shuffles)
            try json ? JSON.print(measured) : print(Self.row(measured))
            isRight = isRight && measured.isRight
            alarms += measured.falseAlarms
            series += measured.shuffles
        }
        guard isRight, alarms * 100 <= series else { throw ExitCode(ExitStatus.failed.rawValue) }
    }

    private static func row(_ measured: TakeOffBenchmark) -> String {
        let off = measured.found.flatMap { found in
            measured.halfway.map { "\((100 * Double(found - $0) / Double($0)).shown()) %" }
        }
        return row(
            measured.run, "\(measured.steps)", measured.found.map { "\($0)" } ?? "none",
            measured.isFlat ? "flat" : measured.halfway.map { "\($0)" } ?? "none",
            measured.isFlat ? "-" : off ?? "-", "\(measured.falseAlarms)/\(measured.shuffles)",
            measured.microseconds.shown(2))
    }

    private static func row(_ columns: String...) -> String {
        zip(columns, [24, 8, 8, 9, 9, 12]).map { text, width in
            text.padding(toLength: max(width, text.count + 1), withPad: " ", startingAt: 0)
        }.joined() + (columns.last ?? "")
    }
}
