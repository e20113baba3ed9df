import ArgumentParser
import Benchmarks
import Foundation

/// `ponder benchmark scale`: the load of thousands of workers on their coordinator.
struct BenchmarkScaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Time a coordinator with many simulated workers.",
        discussion: """
            State machine, ledger, wire coding and database are the real ones; the workers' computing, the sockets and \
            the clock are simulated. Counted is the processor time of the coordinator, per 1000 results and as a share \
            of a core at --rate.

            Examples:
              ponder benchmark scale --json
              ponder benchmark scale --workers 10000 --rate 10000 --results 60000
            """)

    @Option(help: "Simulated workers.") var workers = 1000
    @Option(help: "Problems of an assignment.") var problems = 2
    @Option(help: "Samples of a problem.") var samples = 5
    @Option(help: "Mean tokens of a trace.") var tokens = 64
    @Option(help: "Results a second of all workers.") var rate = 1000.0
    @Option(help: "Results to take in.") var results = 20_000
    @Option(help: "Seconds between a worker's signs of life.") var ping = 1.0
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        let limits: [(String, Int, ClosedRange<Int>)] = [
            ("workers", workers, 1...1_000_000), ("problems", problems, 1...4096),
            ("samples", samples, 1...4096), ("tokens", tokens, 1...100_000),
            ("results", results, 1...100_000_000),
        ]
        for (name, value, range) in limits where !range.contains(value) {
            throw ValidationError("--\(name) must be from \(range.lowerBound) to \(range.upperBound).")
        }
        guard (0.001...1e6).contains(rate) else { throw ValidationError("--rate must be from 0.001 to 1e6.") }
        guard (0.01...3600).contains(ping) else { throw ValidationError("--ping must be from 0.01 to 3600.") }
    }

    func run() throws {
        var plan = ScaleBenchmark.Plan()
        plan.workers = workers
        plan.problems = problems
        plan.samples = samples
        plan.tokens = tokens
        plan.resultsPerSecond = rate
        plan.results = results
        plan.ping = ping
        var benchmark = try ScaleBenchmark(plan)
        let report = try benchmark.run()
        if json { try JSON.print(report) } else { report.show() }
    }
}

extension ScaleReport {
    fileprivate func show() {
        print(
            "\(workers) workers, \(tracesInFlight) traces in flight, \(messages) messages, \(results) results"
        )
        print(
            "processor time for 1000 results: \(cpuSecondsPer1000Results.shown(4)) s, at \(resultsPerSecond.shown(0)) "
                + "results/s \((100 * shareOfACore).shown(1)) % of a core")
        for (part, seconds) in cpuSecondsPer1000ResultsByPart.sorted(by: { $0.value > $1.value }) {
            print("  \(part)  \(seconds.shown(4)) s")
        }
        print("peak memory \(peakMemoryBytes >> 20) MiB, status \(statusBytes >> 10) KiB")
        let names = waits.sorted { $0.value > $1.value }.map { "\($0.key)… \($0.value)" }
        print(
            "waits, all named: \(names.joined(separator: ", ")); the longest \(longestWaitSeconds.shown(1)) s"
        )
    }
}
