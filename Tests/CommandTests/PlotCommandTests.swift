import Foundation
import Reinforcement
import RunStore
import Settings
import Testing

@Suite struct PlotCommandTests {
    private func run() throws -> Scratch {
        let scratch = try Scratch()
        let run = RunDirectory(root: scratch.url)
        try run.save(RunConfiguration())
        let records = try RunDatabase.open(run)
        for step in 1...3 {
            try records.record(StepMetrics(step: step, incarnation: 1, time: 1), groups: [], traceLimit: 0)
        }
        try records.record([
            EventRecord(time: 1, monotonic: 1, incarnation: 1, step: 2, kind: "aha", message: "")
        ])
        try records.close()
        return scratch
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/gnuplot"), "needs gnuplot-nox"))
    func `gnuplot draws PNG and SVG, and the picture replaces an older one`() async throws {
        let scratch = try run()
        let (png, svg) = (scratch.path("curves.png"), scratch.path("it's.svg"))
        try Data("older".utf8).write(to: URL(filePath: png))
        for file in [png, svg] {
            let outcome = try await PonderProcess.run(
                "plot", "--run", scratch.url.path, "--run", scratch.url.path, "--output", file)
            #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty)
        }
        #expect(try Data(contentsOf: URL(filePath: png)).starts(with: [0x89, 0x50, 0x4E, 0x47]))
        let text = try String(contentsOfFile: svg, encoding: .utf8)
        #expect(text.contains("</svg>") && text.contains(", step 2") && text.contains("no data yet"))
    }

    @Test func `without gnuplot the error names the package, and an older picture stays`() async throws {
        let scratch = try run()
        let png = scratch.path("curves.png")
        try Data("older".utf8).write(to: URL(filePath: png))
        let outcome = try await PonderProcess.run(
            ["plot", "--run", scratch.url.path, "--output", png], environment: ["PATH": scratch.url.path])
        #expect(outcome.status == 1 && outcome.errors.contains("apt-get install gnuplot-nox"))
        #expect(try String(contentsOfFile: png, encoding: .utf8) == "older")
    }

    @Test func `a picture of another kind is refused before a run is read`() async throws {
        let outcome = try await PonderProcess.run("plot", "--run", "nowhere", "--output", "curves.pdf")
        #expect(outcome.status == 2 && outcome.errors.contains("must end in .png or .svg"))
    }
}
