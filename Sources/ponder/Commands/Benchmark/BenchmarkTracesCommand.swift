import ArgumentParser
import Benchmarks
import Foundation

/// `ponder benchmark traces`: the records of a long run.
struct BenchmarkTracesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "traces",
        abstract: "Time the records of a run with many traces: writing, size, and every kind of filter.",
        discussion: """
            Makes a run's folder with made-up traces and asks for ten of them in many ways, as ponder traces does. With \
            --folder the run stays there.

            Examples:
              ponder benchmark traces --traces 10000 --json
              ponder benchmark traces --traces 1000000 --folder runs/million
            """)

    @Option(help: "Traces, in steps of 256.") var traces = 100_000
    @Option(help: "Most terms of a thought, about 6 characters each.") var terms = 24
    @Option(help: "Traces of a step whose tokens are kept.") var tokens = 8
    @Option(help: "Times that each filter is asked; the median counts.") var repeats = 3
    @Flag(help: "Keep no index of words.") var withoutSearch = false
    @Option(help: ArgumentHelp("Where the run is made and stays.", valueName: "dir")) var folder: String?
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        let limits: [(String, Int, ClosedRange<Int>)] = [
            ("traces", traces, 256...10_000_000), ("terms", terms, 1...10_000), ("tokens", tokens, 0...256),
            ("repeats", repeats, 1...100),
        ]
        for (name, value, range) in limits where !range.contains(value) {
            throw ValidationError("--\(name) must be from \(range.lowerBound) to \(range.upperBound).")
        }
    }

    func run() throws {
        var plan = TracesBenchmark.Plan()
        plan.traces = traces
        plan.terms = terms
        plan.tokens = tokens
        plan.repeats = repeats
        plan.search = !withoutSearch
        let place =
            folder.map { URL(filePath: $0, directoryHint: .isDirectory) }
            ?? FileManager.default.temporaryDirectory.appending(path: "ponder-traces-\(UUID().uuidString)")
        if FileManager.default.fileExists(atPath: place.path) {
            throw CommandFailure(.usage, "\(place.path) exists; give --folder a new folder")
        }
        defer { if folder == nil { try? FileManager.default.removeItem(at: place) } }
        var benchmark = try TracesBenchmark(plan, at: place)
        let report = try benchmark.measure()
        if json { try JSON.print(report) } else { report.show() }
    }
}

extension TracesReport {
    fileprivate func show() {
        print(
            "\(traces) traces of \(charactersPerTrace.shown(0)) characters in \(steps) steps; "
                + "\(recordingMicrosecondsPerTrace.shown(0)) µs of processor time to record one")
        print(
            "bytes of a trace: \(bytesPerTrace.shown(0)), of these the index of words "
                + "\(textIndexBytesPerTrace.shown(0)), tokens \(tokenBytesPerTrace.shown(0)), "
                + "beside text, index and tokens \(otherBytesPerTrace.shown(0))")
        for filter in filters {
            let time = filter.milliseconds.shown(1).padded(9, right: true)
            print("\(time) ms  \(filter.name), \(filter.found) found")
        }
    }
}
