package import Foundation
import Reinforcement
package import RunStore
import Scheduling
import Settings

extension RunStatus {
    /// Reads a run's folder, live or finished; nothing in it is changed.
    ///
    /// - Throws: `RunDatabaseError`, `ConfigurationError`, `FileError`.
    package init(of run: RunDirectory, now: Date = Date()) throws {
        let configuration = try run.configuration()
        self.init(phase: "starting", folder: run.root.path, steps: configuration.steps)
        let isHeld = try RunLock.holder(of: run) != nil
        guard FileManager.default.fileExists(atPath: run.database.path),
            let summary = try RunDatabase.openReadOnly(run).summary(events: 0)
        else {
            if !isHeld { phase = "killed" }
            return
        }
        last = summary.last
        step = summary.last?.step ?? 0
        for record in summary.evaluations { add(record) }
        report = try summary.fact(.report, as: CoordinatorReport.self)
        age = summary.facts[.report].map { max(0, now.timeIntervalSince1970 - $0.time) }
        phase = try summary.fact(.phase, as: String.self) ?? "starting"
        insecure = try summary.fact(.insecure, as: String.self)
        if phase == "done" { result = try summary.fact(.result, as: RunResult.self) }
        // Says that it runs, and nobody has its lock: it was killed.
        if phase == "running" || phase == "starting", !isHeld { phase = "killed" }
    }

    /// One line of JSON with sorted keys.
    package func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// For people.
    package var text: String {
        var lines = ["\(phase)  step \(step) of \(steps)  \(folder)"]
        if let last {
            lines.append(
                "  reward \(fixed(last.reward, 2))  in form \(percent(last.format))  right \(percent(last.accuracy))  "
                    + "thought \(fixed(last.thoughtLength, 1))  \(Int(last.tokensPerSecond)) tokens/s")
            if !last.verdictNotes.isEmpty {
                lines.append("  verdicts: \(last.verdictNotes.joined(separator: "  "))")
            }
        }
        let measured = heldoutAccuracy.sorted { $0.key < $1.key }.map { "\(percent($0.value)) at \($0.key)" }
        if !measured.isEmpty { lines.append("  held out: \(measured.joined(separator: ", "))") }
        if let trouble { lines.append("  ALARM: \(trouble)") }
        if let insecure { lines.append("  INSECURE: \(insecure)") }
        if let report { lines += text(of: report) }
        return lines.joined(separator: "\n")
    }

    private func text(of report: CoordinatorReport) -> [String] {
        var lines: [String] = []
        if phase == "running" {
            let seconds = report.waitingSeconds + (age ?? 0)
            lines.append("  waiting for \(report.waitingFor), since \(fixed(seconds, 1)) s")
        }
        let ledger = report.ledger
        let dropped = ledger.dropped.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            "\($0.key.rawValue) \($0.value)"
        }
        let late = ledger.late.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            "\($0.key.rawValue) \($0.value)"
        }
        lines.append(
            "  attempts: issued \(ledger.issued) = used \(ledger.used) + dropped "
                + "\(ledger.dropped.values.reduce(0, +)) + expired \(ledger.expired) + outstanding \(ledger.outstanding)"
        )
        if !dropped.isEmpty { lines.append("  dropped: \(dropped.joined(separator: ", "))") }
        if !late.isEmpty { lines.append("  late: \(late.joined(separator: ", "))") }
        for aside in report.setAside ?? [] {
            lines.append(
                "  SET ASIDE: \(aside.assignment), problems \(aside.problems.joined(separator: ", ")): "
                    + "\(aside.attempts) workers died or failed over it, the last time because \(aside.last)")
        }
        let machines = Set(report.workers.filter { $0.state != .gone }.map(\.machine))
        if machines.count > 1 {
            lines.append(
                "  workers compute on different machines, so bits may differ: \(machines.sorted().joined(separator: "; "))"
            )
        }
        for worker in report.workers {
            let rate = worker.tokensPerSecond.map { "\(Int($0)) tokens/s" } ?? "-"
            lines.append(
                "  \(worker.name)  \(worker.state.rawValue)  policy \(worker.version.map { "\($0)" } ?? "-")  \(rate)  "
                    + "results \(worker.results)  rejected \(worker.rejected)  deaths \(worker.deaths)  "
                    + "process \(worker.process) on \(worker.host)" + (worker.key.map { "  key \($0)" } ?? "")
            )
        }
        return lines
    }

    private func fixed(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }
    private func percent(_ share: Double) -> String { fixed(100 * share, 1) + " %" }
}
