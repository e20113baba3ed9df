import Foundation
import Reinforcement
import Settings

/// What two runs were told and what they reached.
package struct RunComparison: Sendable, Codable {
    /// Version of the format.
    package private(set) var schema = 1
    /// Paths of the two folders.
    package let runs: [String]
    /// The settings that differ, in the order of a printed configuration.
    package let settings: [Row]
    /// The figures that at least one of the runs has.
    package let results: [Row]

    /// A value of each run, as text.
    package struct Row: Sendable, Hashable, Codable {
        package let name: String
        /// One value a run; nil when the run does not have it.
        package let values: [String?]

        package init(name: String, values: [String?]) {
            self.name = name
            self.values = values
        }
    }

    /// Reads both folders; changes nothing in them.
    ///
    /// - Throws: `RunDatabaseError`, `ConfigurationError`, `FileError`.
    package init(_ first: RunDirectory, _ second: RunDirectory) throws {
        runs = [first, second].map(\.root.path)
        settings = try second.configuration().difference(from: first.configuration()).map {
            Row(name: $0.path, values: [$0.theirs, $0.ours])
        }
        let figures = try [first, second].map(Self.figures)
        results = figures[0].indices.map { index in
            Row(name: figures[0][index].name, values: figures.map { $0[index].value })
        }.filter { $0.values.contains { $0 != nil } }
    }

    private typealias Figure = (name: String, value: String?)

    /// Every figure of a run by its name in the same order, so that two runs can be put side by side.
    private static func figures(_ run: RunDirectory) throws -> [Figure] {
        let status = try RunStatus(of: run)
        let records = try? RunDatabase.openReadOnly(run)
        let steps = try records?.steps() ?? []
        let evaluations = try records?.evaluations() ?? []
        let heldOut = evaluations.filter { $0.purpose == .evaluation }
        let direct = evaluations.filter { $0.purpose == .direct }
        let seconds = steps.reduce(0) { $0 + $1.seconds }
        let tokens = steps.reduce(0) { $0 + $1.tokens }
        func text(_ value: Double?) -> String? { value.map { String(format: "%.4g", $0) } }
        return [
            ("phase", status.phase), ("step", "\(status.step)"),
            ("heldout_accuracy_before", text(heldOut.first?.accuracy)),
            ("heldout_accuracy_now", text(heldOut.last?.accuracy)),
            ("heldout_format_now", text(heldOut.last?.format)),
            ("direct_accuracy_before", text(direct.first?.accuracy)),
            ("direct_accuracy_now", text(direct.last?.accuracy)),
            ("thought_length_now", text(heldOut.last?.thoughtLength)),
            ("training_accuracy_last", text(steps.last?.accuracy)),
            ("reward_last", text(steps.last?.reward)),
            ("seconds", steps.isEmpty ? nil : text(seconds)),
            ("tokens", steps.isEmpty ? nil : "\(tokens)"),
            ("tokens_per_s", seconds > 0 ? text(Double(tokens) / seconds) : nil),
            ("policy_sha256", status.result.map { String($0.policySHA256.prefix(12)) }),
        ]
    }

    /// One line of JSON with sorted keys.
    package func line() throws -> String { try RecordCoding.text(self) }
}
