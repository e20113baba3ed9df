import ArgumentParser
import Foundation
import RunStore

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compares two runs: the settings that differ, and the results.",
        discussion: """
            Examples:
              ponder compare runs/a runs/b
              ponder compare runs/a last --json
            """)

    @Argument(help: ArgumentHelp("A run's folder, live or finished.", valueName: "run"))
    var first: String

    @Argument(help: ArgumentHelp("Another run's folder.", valueName: "run"))
    var second: String

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let comparison = try RunComparison(.existing(named: first), .existing(named: second))
        print(json ? try comparison.line() : comparison.text)
    }
}

extension RunComparison {
    /// A table whose columns are the runs; long values are wrapped nowhere, so that they can be copied.
    fileprivate var text: String {
        let names = runs.map { URL(filePath: $0).lastPathComponent }
        let rows = [Row(name: "run", values: names)] + settings + results
        let widths = [
            rows.map(\.name.count).max() ?? 0, rows.map { ($0.values[0] ?? "-").count }.max() ?? 0,
        ]
        func line(_ row: Row) -> String {
            let first = row.values[0] ?? "-"
            return row.name.padding(toLength: widths[0] + 2, withPad: " ", startingAt: 0)
                + first.padding(toLength: widths[1] + 2, withPad: " ", startingAt: 0) + (row.values[1] ?? "-")
        }
        let head = [line(rows[0])]
        let told = settings.isEmpty ? ["both runs have the same configuration"] : settings.map(line)
        return (head + told + [""] + results.map(line)).joined(separator: "\n")
    }
}
