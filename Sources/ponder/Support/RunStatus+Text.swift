import Foundation
import Primitives
import RunStore
import Scheduling

/// A status as lines for people, none wider than `width` columns.
///
/// All text that comes from models and other machines is made printable first.
struct StatusText {
    let status: RunStatus
    var width = 80
    /// Shows the reasons of the ledger, every worker and every event.
    var verbose = false

    private static let label = 11
    /// Workers shown without `verbose`.
    private static let workerLimit = 12

    var lines: [String] {
        ([heading] + training + heldOut + speed + [lastStep, waiting, saved, ended].flatMap(\.self) + alarms
            + aha
            + thought + ledger + workers + events).map { $0.fitted(width) }
    }

    var text: String { lines.joined(separator: "\n") }

    private func row(_ label: String, _ text: String, lines: Int = .max) -> [String] {
        let folded = text.printable().folded(width - Self.label, lines: lines)
        return folded.enumerated().map { ($0.offset == 0 ? label : "").padded(Self.label) + $0.element }
    }

    // MARK: - The run

    private var heading: String {
        let left = isLive ? status.secondsLeft.map { "  \(Duration.seconds($0).clock) left" } ?? "" : ""
        let policy = status.report?.newestVersion.map { "  policy \($0)" } ?? ""
        let facts = "\(status.phase.printable())  step \(status.step) of \(status.steps)\(policy)\(left)  "
        let folder = status.folder.fromHere.printable()
        let room = max(10, width - facts.columns)
        // The end of a path says more than its beginning.
        let tail = folder.columns > room ? "…" + String(folder.suffix(room - 1)) : folder
        return facts + tail
    }

    private var isLive: Bool { status.phase == "running" || status.phase == "starting" }

    private var training: [String] {
        guard let last = status.last else { return [] }
        let figures =
            "right \(last.accuracy.wholePercent)  form \(last.format.wholePercent)  reward \(last.reward.shown(2))  "
        let curve = (status.trainingAccuracy ?? [:]).sorted { $0.key < $1.key }.map(\.value)
        let room = width - Self.label - figures.columns
        let lines = row("training", figures + (curve.count > 2 ? Curve.text(curve, width: room) : ""))
        return last.verdictNotes.isEmpty
            ? lines : lines + row("", "verdicts: " + last.verdictNotes.joined(separator: "  "))
    }

    /// The figures of the first and of the newest policy that were measured, and the curve between them.
    private var heldOut: [String] {
        let sampled = status.heldoutAccuracy.sorted { $0.key < $1.key }
        guard let first = sampled.first, let last = sampled.last else { return [] }
        func change(_ shares: [Int: Double], _ name: String) -> String? {
            guard let newest = shares[last.key] else { return nil }
            let before = first.key < last.key ? shares[first.key].map { (100 * $0).shown() + " → " } : nil
            return "\(before ?? "")\(newest.percent) \(name)"
        }
        let policies = first.key < last.key ? "\(first.key) → \(last.key)" : "\(last.key)"
        let rights = [change(status.heldoutAccuracy, "sampled"), change(status.heldoutGreedy, "greedy")]
        let direct = change(status.directAccuracy, "asked directly").map { "\($0)  " } ?? ""
        let room = width - Self.label - direct.columns
        let curve = sampled.count > 2 ? Curve.text(sampled.map(\.value), width: room) : ""
        return row("held out", "policy \(policies): " + rights.compactMap(\.self).joined(separator: ", "))
            + row("", direct + curve)
    }

    private var speed: [String] {
        guard let last = status.last else { return [] }
        return row(
            "speed",
            "\(Int(last.tokensPerSecond)) tokens/s, a thought has \(last.thoughtLength.shown(0)) characters, "
                + "silent groups \(last.silentGroups) of \(last.groups)")
    }

    /// Where the last step's time went.
    private var lastStep: [String] {
        guard let last = status.last, last.seconds > 0 else { return [] }
        let rest = max(0, last.seconds - last.generationSeconds - last.learningSeconds)
        let parts = [
            ("generation", last.generationSeconds), ("learning", last.learningSeconds),
            ("publishing", last.publishingSeconds), ("waiting", rest),
        ].compactMap { name, seconds in seconds.map { "\(name) \($0.shown(2))" } }
        let total = last.seconds + (last.publishingSeconds ?? 0)
        return row("last step", "\(total.shown(2)) s: \(parts.joined(separator: ", "))")
    }

    private var waiting: [String] {
        guard status.phase == "running", let report = status.report else { return [] }
        let seconds = report.waitingSeconds + (status.age ?? 0)
        return row("waiting", "for \(report.waitingFor), since \(seconds.shown()) s")
    }

    private var saved: [String] {
        let unsaved = status.unsavedSteps ?? 0
        guard status.phase != "done" || unsaved > 0 else { return [] }
        guard let step = status.savedStep else { return row("saved", "no step yet") }
        let count = unsaved == 1 ? "1 recorded step" : "\(unsaved) recorded steps"
        return row(
            "saved", "step \(step)" + (unsaved > 0 ? "; a resume goes on there and cuts \(count)" : ""))
    }

    /// What became of a run that is not done and not running, and how it goes on.
    private var ended: [String] {
        let what: String? =
            switch status.phase {
            case "killed": "the coordinator stopped"
            case "interrupted": "the run was interrupted"
            case "failed": "the run failed"
            default: nil
            }
        guard let what else { return [] }
        let when = status.time.map { " at \(Self.clock($0)) UTC" } ?? ""
        let folder = status.folder.fromHere
        let logs = RunDirectory(root: URL(filePath: status.folder)).log(ofWorker: 1)
        let command = FileManager.default.fileExists(atPath: logs.path) ? "train" : "coordinator"
        return row(
            "ended", "\(what)\(when), step \(status.step); resume with: ponder \(command) --run \(folder)")
    }

    private var alarms: [String] {
        let different = Set((status.report?.workers ?? []).filter { $0.state != .gone }.map(\.machine))
        let machines = different.sorted().joined(separator: "; ")
        return (status.trouble.map { row("ALARM", $0) } ?? [])
            + (status.insecure.map { row("INSECURE", $0) } ?? [])
            + (status.report?.setAside ?? []).flatMap { aside in
                row(
                    "SET ASIDE",
                    "\(aside.assignment), problems \(aside.problems.joined(separator: ", ")): "
                        + "\(aside.attempts) attempts failed, the last because \(aside.last)")
            }
            + (different.count > 1
                ? row("NOTE", "workers compute on different machines, so bits may differ: \(machines)") : [])
    }

    // MARK: - What it thinks

    private var aha: [String] {
        guard let aha = status.aha else { return [] }
        return row("aha", aha.message, lines: verbose ? .max : 3)
    }

    private var thought: [String] {
        guard let thought = status.thought else { return [] }
        let said = thought.verdict.map { $0 == .correct ? "right" : $0.rawValue } ?? "no answer"
        return row(
            "thought", "step \(thought.step), \(said): \(thought.question) (expected \(thought.expected))",
            lines: 2)
            + row("", thought.response, lines: verbose ? .max : 3)
    }

    // MARK: - The work

    private var ledger: [String] {
        guard let ledger = status.report?.ledger else { return [] }
        func reasons<Reason: RawRepresentable<String>>(_ name: String, _ counts: [Reason: Int]) -> [String] {
            let texts = counts.map { "\($0.key.rawValue) \($0.value)" }.sorted()
            return verbose && !texts.isEmpty ? row("", "\(name): \(texts.joined(separator: ", "))") : []
        }
        return row(
            "attempts",
            "issued \(ledger.issued) = used \(ledger.used) + dropped \(ledger.dropped.values.reduce(0, +)) "
                + "+ expired \(ledger.expired) + outstanding \(ledger.outstanding)")
            + reasons("dropped", ledger.dropped) + reasons("late", ledger.late)
    }

    private var workers: [String] {
        guard let report = status.report, !report.workers.isEmpty else { return [] }
        let all = report.workers.sorted {
            ($0.state == .gone ? 1 : 0, $0.name) < ($1.state == .gone ? 1 : 0, $1.name)
        }
        let shown = verbose ? all[...] : all.prefix(Self.workerLimit)
        let name = max(12, min(34, width - 46))
        func line(_ cells: [String]) -> String {
            cells[0].padded(name) + " " + cells[1].padded(12)
                + cells[2...].map { $0.padded(8, right: true) }.joined()
        }
        let rows = shown.map { worker in
            let lag = worker.version.flatMap { version in report.newestVersion.map { "\($0 - version)" } }
            let seen = worker.secondsSinceSeen + (status.age ?? 0)
            return line([
                worker.name.printable(), worker.state.rawValue, lag ?? "-",
                worker.tokensPerSecond.map { "\(Int($0))" } ?? "-", "\(seen.shown(seen < 10 ? 1 : 0)) s",
                "\(worker.results)",
            ])
        }
        let more = all.count > shown.count ? ["… and \(all.count - shown.count) more (--verbose)"] : []
        return [line(["worker", "state", "lag", "tok/s", "seen", "results"])] + rows + more
            + (verbose ? shown.flatMap(details) : [])
    }

    private func details(_ worker: CoordinatorReport.Worker) -> [String] {
        row(
            worker.name.printable(),
            "  process \(worker.process) on \(worker.host), rejected \(worker.rejected), deaths \(worker.deaths)"
                + (worker.key.map { ", key \($0)" } ?? ""))
    }

    private var events: [String] {
        (status.events ?? []).suffix(verbose ? .max : 4).enumerated().flatMap { index, event in
            let step = event.step.map { " step \($0)" } ?? ""
            return row(
                index == 0 ? "events" : "",
                "\(Self.clock(event.time))\(step) \(event.kind): \(event.message)",
                lines: verbose ? .max : 1)
        }
    }

    // MARK: - Words

    /// Hour, minute and second (UTC), with the date unless it is today's.
    private static func clock(_ time: Double) -> String {
        func parts(_ date: Date) -> [Substring] {
            date.formatted(.iso8601.dateTimeSeparator(.space)).dropLast().split(separator: " ")
        }
        let then = parts(Date(timeIntervalSince1970: time))
        return then[0] == parts(Date())[0] ? String(then[1]) : then.joined(separator: " ")
    }
}
