import ArgumentParser
import Foundation
import RunStore

struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "Lists runs: when they began, what they learn from, how far they are.",
        discussion: """
            Examples:
              ponder runs
              ponder runs /data/runs --json

            RIGHT is the share of held-out problems answered right before training and at the newest evaluation. \
            Wherever a run's folder is asked for, `last` is the newest run in the folder runs.
            """)

    @Argument(help: ArgumentHelp("The folder that holds the runs.", valueName: "dir"))
    var folder = "runs"

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() throws {
        let runs = try RunDirectory.runs(in: URL(filePath: folder, directoryHint: .isDirectory))
        if runs.isEmpty { StandardError.write("\(folder) holds no runs") }
        let listings = runs.map(RunListing.init(of:))
        if json {
            for listing in listings { print(try listing.line()) }
        } else if !listings.isEmpty {
            print(RunListing.heading)
            for listing in listings { print(listing.text) }
        }
    }
}

extension RunListing {
    fileprivate static let heading = row("BEGAN", "RUN", "MODEL", "SOURCE", "STEPS", "STATE", "RIGHT")

    /// At most 80 columns; long names are cut.
    fileprivate var text: String {
        let name = URL(filePath: folder).lastPathComponent
        if let problem { return "\(began)  \(name): \(problem)" }
        let right = heldoutAccuracyBefore.map { before in
            let now = heldoutAccuracyNow ?? before
            return "\((100 * before).shown()) → \((100 * now).shown()) %"
        }
        return Self.row(
            began, name, URL(filePath: model ?? "").lastPathComponent, source ?? "",
            "\(step ?? 0)/\(steps ?? 0)",
            phase ?? "", right ?? "-")
    }

    /// Month, day and time of the day.
    private var began: String {
        created.map { created in
            let style = Date.ISO8601FormatStyle(dateTimeSeparator: .space)
            return String(created.formatted(style).dropFirst(5).prefix(11))
        } ?? "-"
    }

    private static func row(_ columns: String...) -> String {
        zip(columns, [12, 20, 9, 7, 8, 11]).map { text, width in
            let shown = text.count < width ? text : text.prefix(width - 2) + "…"
            return shown.padding(toLength: width, withPad: " ", startingAt: 0)
        }.joined() + (columns.last ?? "")
    }
}
