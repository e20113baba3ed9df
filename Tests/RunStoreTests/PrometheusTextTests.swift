import Foundation
import Scheduling
import Testing

@testable import RunStore

@Suite struct PrometheusTextTests {
    private func text(_ change: (inout RunStatus) throws -> Void = { _ in }) throws -> [Substring] {
        var status = RunStatus(phase: "running", folder: "/runs/a", steps: 60)
        status.add(StepMetrics.sample(step: 31))
        for record in EvaluationRecord.samples(step: 20) { status.add(record) }
        try change(&status)
        return PrometheusText.render(status).split(separator: "\n", omittingEmptySubsequences: false)
    }

    private func report() throws -> CoordinatorReport {
        try RecordCoding.decode(
            CoordinatorReport.self,
            from: Data(
                #"""
                {"run":"r","incarnation":2,"newest_version":31,"waiting_for":"results","waiting_seconds":0.5,"rounds":[],
                "ledger":{"issued":9,"used":6,"expired":1,"outstanding":1,"dropped":{"returned":1},"late":{},"speculative":0},
                "workers":[
                {"name":"a\"b\\c\nponder_step 99","host":"h","process":1,"machine":"m","state":"generating","version":30,
                 "tokens_per_second":812.5,"seconds_since_seen":0.25,"results":6,"rejected":0,"strikes":0,"deaths":0},
                {"name":"w2","host":"h","process":2,"machine":"m","state":"gone","seconds_since_seen":99,"results":0,
                 "rejected":0,"strikes":0,"deaths":1}]}
                """#.utf8))
    }

    @Test func `figures of the last step and the newest measurement have words and a type`() throws {
        let lines = try text()
        #expect(lines.last == "", "the last line ends")
        for line in [
            "ponder_step 31", "ponder_planned_steps 60", "ponder_run_phase{phase=\"running\"} 1",
            "ponder_run_phase{phase=\"done\"} 0", "ponder_train_accuracy_ratio 0.25",
            "ponder_train_reward 0.5",
            "ponder_train_elapsed_seconds_total 62", "ponder_heldout_accuracy_ratio{mode=\"greedy\"} 0.5",
            "ponder_heldout_step{mode=\"sampled\"} 20", "# TYPE ponder_train_elapsed_seconds_total counter",
            "# TYPE ponder_step gauge", "# HELP ponder_step Training steps done.",
        ] {
            #expect(lines.contains { $0 == line }, "\(line)")
        }
    }

    @Test func `each metric is described once, before its samples`() throws {
        var described: [Substring] = []
        var samples: [Substring] = []
        for line in try text() where !line.isEmpty {
            let name = line.split(whereSeparator: { " {".contains($0) })[line.hasPrefix("#") ? 2 : 0]
            if line.hasPrefix("# HELP") { described.append(name) }
            if !line.hasPrefix("#") {
                #expect(described.last == name)
                samples.append(name)
            }
        }
        #expect(Set(described).count == described.count && Set(described) == Set(samples))
    }

    @Test func `a run that has not begun has a phase, and no figures of a step`() {
        let text = PrometheusText.render(RunStatus(phase: "starting", folder: "/runs/a", steps: 60))
        #expect(text.contains("ponder_step 0\n") && !text.contains("ponder_train_reward"))
    }

    @Test func `names of workers, which come from outside, are escaped; workers that left have no rates`()
        throws
    {
        let lines = try text { $0.report = try report() }
        let name = #"{worker="a\"b\\c\nponder_step 99"}"#
        #expect(lines.contains { $0 == "ponder_worker_tokens_per_second\(name) 812.5" })
        #expect(lines.contains { $0 == "ponder_worker_version_lag_steps\(name) 1" })
        #expect(!lines.contains { $0.contains("w2") } && !lines.contains { $0 == "ponder_step 99" })
        #expect(lines.contains { $0 == "ponder_workers{state=\"gone\"} 1" })
        #expect(lines.contains { $0 == "ponder_assignments_dropped_total{reason=\"returned\"} 1" })
        #expect(!lines.contains { $0.contains("ponder_results_late_total") }, "there are none")
    }

    @Test func `every metric in the dashboard for Grafana exists`() throws {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = try Data(contentsOf: root.appending(path: "Deploy/grafana/ponder.json"))
        let dashboard = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        let queries = panels.flatMap {
            ($0["targets"] as? [[String: Any]] ?? []).compactMap { $0["expr"] as? String }
        }
        let asked = Set(queries.flatMap { $0.matches(of: /ponder_[a-z_]+/).map { String($0.output) } })
        var status = RunStatus(phase: "running", folder: "/runs/a", steps: 60)
        status.report = try report()
        #expect(queries.count > 20 && asked.count > 20)
        #expect(asked.subtracting(PrometheusText.names(of: status)).sorted() == [])
    }

    @Test func `numbers that are none are written as Prometheus writes them`() throws {
        let lines = try text { status in
            var metrics = StepMetrics.sample(step: 31)
            metrics.loss = .nan
            metrics.gradientNorm = .infinity
            status.add(metrics)
        }
        #expect(lines.contains { $0 == "ponder_train_loss NaN" })
        #expect(lines.contains { $0 == "ponder_train_gradient_norm +Inf" })
    }
}
