import ArgumentParser
import Foundation
import Primitives

/// `ponder help`: the help of a command, or a text about a subject.
struct HelpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "help",
        abstract: "Show the help of a command, or a topic.",
        discussion: """
            A topic is shown in $PAGER, else in less; piped, it is plain text. A part of its name is enough. The topics are:

            \(HelpTopic.allCases.map { "  \($0.rawValue)" }.joined(separator: "\n"))

            Examples:
              ponder help train
              ponder help metrics
              ponder help configuration | grep staleness
            """
    )

    @Argument(
        help: ArgumentHelp("A command or a topic; without it, both are listed.", valueName: "name"),
        completion: .list(
            (HelpTopic.allCases.map(\.rawValue) + Ponder.configuration.subcommands.map { $0._commandName })
                .filter { $0 != "help" }))
    var names: [String] = []

    @Flag(help: ArgumentHelp("Print the manual page for man.", visibility: .hidden))
    var man = false

    func run() throws {
        if man { return print(ManualPage.text()) }
        if let command = CommandTree.find(names) {
            let message = Ponder.helpMessage(for: command, columns: HelpText.unbroken)
            print(HelpText(message).rendered(width: Terminal.width))
            if names.isEmpty { print("\nTOPICS, shown by 'ponder help TOPIC':\n\(Self.topics)") }
            return
        }
        let name = names.joined(separator: "-")
        guard let topic = HelpTopic.find(name) else {
            let all =
                HelpTopic.allCases.map(\.rawValue) + Ponder.configuration.subcommands.map { $0._commandName }
            throw ValidationError(
                "There is no command and no topic '\(names.joined(separator: " "))'. "
                    + (CommandTree.guess(name, among: all).map { "Did you mean 'ponder help \($0)'?" }
                        ?? "'ponder help' lists both."))
        }
        let text = MarkdownText(try topic.markdown())
        Pager.show(text.rendered(width: Terminal.width, isStyled: Terminal.hasColour(STDOUT_FILENO)))
    }

    /// A line for each topic.
    private static var topics: String {
        HelpTopic.allCases.flatMap { topic in
            topic.summary.wrapped(
                to: Terminal.width, first: "  \(topic.rawValue)".padded(to: 26),
                hanging: "".padded(to: 26))
        }.joined(separator: "\n")
    }
}

extension String {
    /// With blanks at the end, `width` characters at least.
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
