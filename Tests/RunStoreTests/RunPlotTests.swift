import Foundation
import Reinforcement
import Testing

@testable import RunStore

@Suite struct RunPlotTests {
    private func run(_ name: String, steps: Int = 4, aha: Int? = nil) -> RunPlot.Run {
        RunPlot.Run(
            name: name, steps: steps == 0 ? [] : (1...steps).map { StepMetrics.sample(step: $0) },
            evaluations: [0, steps].flatMap { EvaluationRecord.samples(step: $0) }, ahaStep: aha)
    }

    @Test func `a run has its held-out, training, form and length curves, and its aha moment`() {
        let script = RunPlot([run("bills", aha: 3)]).script(.png)
        #expect(script.contains("set terminal pngcairo") && script.contains("'run bills'"))
        #expect(script.contains("0 25.0\n4 25.0\n"), "held out, sampled, in per cent")
        #expect(script.contains("0 50.0\n4 50.0\n") && script.contains("title 'greedy'"))
        #expect(script.contains("1 75.0\n2 75.0\n"), "in the form")
        #expect(script.contains("1 20.5\n") && script.contains("set ylabel 'characters'"))
        #expect(script.contains("from 3, graph 0 to 3, graph 1") && script.contains("'aha, step 3'"))
        #expect(!RunPlot([run("bills")]).script(.png).contains("aha"))
    }

    @Test func `several runs have a color each, and their names in the legend`() {
        let script = RunPlot([run("a"), run("b", steps: 9, aha: 2)]).script(.svg)
        #expect(script.contains("set terminal svg") && script.contains("set xrange [0:9]"))
        #expect(script.contains("rgb '#0072b2' title 'a, greedy'"))
        #expect(script.contains("rgb '#d55e00' title 'b, greedy'") && script.contains("'aha of b, step 2'"))
    }

    @Test func `many steps are averaged into at most a thousand points`() {
        var steps = (1...2500).map { StepMetrics.sample(step: $0) }
        for index in steps.indices { steps[index].thoughtLength = Double(index % 3) }
        let plot = RunPlot([RunPlot.Run(name: "long", steps: steps, evaluations: [])])
        let script = plot.script(.png)
        let points = script.split(separator: "\n").filter { $0.first?.isNumber == true }
        #expect(points.count == 3 * 834)
        #expect(script.contains("\n3 1.0\n") && script.contains("\n2500 0.0\n"))
    }

    @Test func `a folder's name is text, whatever is in it`() {
        let script = RunPlot([run("it's\n`date` \"x\" _{2}")]).script(.png)
        #expect(script.contains("'run it''s `date` \"x\" _{2}'") && script.contains("noenhanced"))
    }

    @Test func `a run without steps and measurements has empty diagrams`() {
        let script = RunPlot([RunPlot.Run(name: "new", steps: [], evaluations: [])]).script(.png)
        #expect(script.components(separatedBy: "NaN title 'no data yet'").count == 5)
    }

    @Test func `a run's folder is read with its last aha event`() throws {
        let scratch = try Scratch()
        let directory = try scratch.run("bills")
        let database = try RunDatabase.open(directory)
        for step in 1...3 { try database.record(.sample(step: step), groups: [], traceLimit: 0) }
        for (step, kind) in [(2, "aha"), (3, "workerLost")] {
            try database.record([
                EventRecord(time: 1, monotonic: 1, incarnation: 1, step: step, kind: kind, message: "")
            ])
        }
        try database.close()
        let run = try RunPlot.Run(directory)
        #expect(run.name == "bills" && run.steps.count == 3 && run.ahaStep == 2)
    }
}
