import Foundation
import Host
import Primitives

/// A text about one subject, which `ponder help TOPIC` shows.
///
/// None is named like a command.
enum HelpTopic: String, CaseIterable {
    case configuration
    case promptsAndVerifiers = "prompts-and-verifiers"
    case models
    case metrics
    case cluster
    case security
    case algorithms
    case migration
    case troubleshooting
    case measurements

    /// What the topic is about, in one line.
    ///
    /// Its words find the topic, too.
    var summary: String {
        switch self {
        case .configuration: "every key of a run, its range and its meaning"
        case .promptsAndVerifiers: "your data: problems, prompts, verifiers, rewards"
        case .models: "model folders, tokenizers, templates, checkpoints"
        case .metrics: "runs and metrics: files, figures, SQL queries"
        case .cluster: "several machines: ssh, Slurm, Kubernetes, relays"
        case .security: "keys, ports, what a worker can and cannot do"
        case .algorithms: "GRPO here: loss, staleness, equal bits"
        case .migration: "coming from TRL, verl, prime-rl or OpenRLHF"
        case .troubleshooting: "exit codes, faults, limits and their remedies"
        case .measurements: "figures with date, machine, commit and command"
        }
    }

    /// The topic of a name, of a part of a name, or of a word of its summary.
    static func find(_ name: String) -> HelpTopic? {
        let name = name.lowercased().replacing(" ", with: "-").replacing("_", with: "-")
        if let topic = HelpTopic(rawValue: name) { return topic }
        return allCases.first { topic in topic.rawValue.split(separator: "-").contains { $0 == name } }
            ?? allCases.first { topic in
                topic.summary.lowercased().split { !$0.isLetter && $0 != "-" }.contains { $0 == name }
            }
    }

    /// The text as Markdown.
    ///
    /// - Throws: `CommandFailure` naming every place that was searched.
    func markdown() throws -> String {
        let places = SharedFolder.places(of: "help").map { "\($0)/\(rawValue).md" }
        guard let place = places.first(where: FileManager.default.fileExists(atPath:)) else {
            throw CommandFailure(
                .usage,
                "the text of \(rawValue) is in none of \(places.joined(separator: ", ")); set PONDER_HOME to an "
                    + "installation made by Scripts/install")
        }
        return try String(contentsOfFile: place, encoding: .utf8)
    }
}
