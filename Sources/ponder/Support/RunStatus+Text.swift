import Foundation
import RunStore
import Scheduling

/// A status as lines for people.
extension RunStatus {
    var text: String {
        var lines = ["\(phase)  step \(step) of \(steps)  \(folder)"]
        if let last {
            lines.append(
                "  reward \(last.reward.shown(2))  form \(last.format.wholePercent)  right \(last.accuracy.wholePercent)  "
                    + "silent \(last.silentShare.wholePercent)  thought \(last.thoughtLength.shown(0))  "
                    + "\(Int(last.tokensPerSecond)) tok/s")
            if !last.verdictNotes.isEmpty {
                lines.append("  verdicts: \(last.verdictNotes.joined(separator: "  "))")
            }
        }
        lines += heldOut
        if phase != "done" || unsavedSteps ?? 0 > 0 { lines.append("  \(savedText)") }
        if let trouble { lines.append("  ALARM: \(trouble)") }
        if let insecure { lines.append("  INSECURE: \(insecure)") }
        if let report { lines += text(of: report) }
        return lines.joined(separator: "\n")
    }

    private var savedText: String {
        guard let savedStep else { return "saved: no step yet" }
        let unsaved = unsavedSteps ?? 0
        let count = unsaved == 1 ? "1 recorded step" : "\(unsaved) recorded steps"
        return "saved: step \(savedStep)" + (unsaved > 0 ? "; a resume goes on there and cuts \(count)" : "")
    }

    /// The figures of the first and of the newest policy that were measured, and the curve between them.
    private var heldOut: [String] {
        let sampled = heldoutAccuracy.sorted { $0.key < $1.key }
        guard let first = sampled.first, let last = sampled.last else { return [] }
        func change(_ shares: [Int: Double], _ name: String) -> String? {
            guard let newest = shares[last.key] else { return nil }
            let before = first.key < last.key ? shares[first.key].map { (100 * $0).shown() + " → " } : nil
            return "\(before ?? "")\(newest.percent) \(name)"
        }
        let policies = first.key < last.key ? "\(first.key) → \(last.key)" : "\(last.key)"
        let rights = [change(heldoutAccuracy, "sampled"), change(heldoutGreedy, "greedy")]
        let direct = change(directAccuracy, "asked directly")
        let curve = sampled.count > 2 ? "  \(Curve.text(sampled.map(\.value)))" : ""
        let lines = [
            "  held out, policy \(policies): right " + rights.compactMap(\.self).joined(separator: ", ")
        ]
        let second = (direct ?? "") + curve
        return second.isEmpty ? lines : lines + ["    \(second)"]
    }

    private func text(of report: CoordinatorReport) -> [String] {
        var lines: [String] = []
        if phase == "running" {
            let seconds = report.waitingSeconds + (age ?? 0)
            lines.append("  waiting for \(report.waitingFor), since \(seconds.shown()) s")
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
                    + "\(aside.attempts) attempts failed, the last because \(aside.last)")
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
}
