import ArgumentParser
import Testing

@testable import ponder

@Suite struct HelpLayoutTests {
    private static let widths = [60, 80, 200]

    private static func lines(_ command: CommandTree.Command, width: Int) -> [String] {
        HelpText(Ponder.helpMessage(for: command, columns: HelpText.unbroken)).rendered(width: width)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test(arguments: widths) func `no line of any help is wider than the terminal`(_ width: Int) {
        for (path, command) in CommandTree.all() {
            for line in Self.lines(command, width: width) where line.count > width {
                Issue.record("ponder \(path.joined(separator: " ")) --help at \(width): \(line)")
            }
        }
    }

    @Test(arguments: widths) func `a line of prose ends only where the next word does not fit`(_ width: Int) {
        for (path, command) in CommandTree.all() {
            let lines = Self.lines(command, width: width).prefix { !$0.hasPrefix("USAGE: ") }
            for (line, next) in zip(lines, lines.dropFirst()) {
                guard let first = line.first, first != " ", let word = next.split(separator: " ").first,
                    !next.hasPrefix(" ")
                else { continue }
                if line.count + 1 + word.count <= width {
                    Issue.record(
                        "ponder \(path.joined(separator: " ")) --help at \(width): \(line) | \(next)")
                }
            }
        }
    }

    @Test(arguments: widths) func `an example is the same command at every width, in 78 columns`(_ width: Int)
    {
        for (path, command) in CommandTree.all() {
            let help = HelpText(Ponder.helpMessage(for: command, columns: HelpText.unbroken))
            for case .example(let line) in help.parts {
                let shown = ExampleLine(line).rendered(width: width)
                #expect(shown.allSatisfy { $0.count <= min(width, 78) }, "ponder \(path): \(line)")
                guard !line.contains("# ") else { continue }
                // The shell joins a line that ends in a backslash with the next one.
                let joined = shown.joined(separator: "\n").replacing(" \\\n", with: " ")
                #expect(joined.split(separator: " ") == line.split(separator: " "))
            }
        }
    }

    @Test func `a comment of an example has a line of its own`() {
        for (path, command) in CommandTree.all() {
            let help = HelpText(Ponder.helpMessage(for: command, columns: HelpText.unbroken))
            for case .example(let line) in help.parts where line.contains("  ponder ") {
                let words = line.split(separator: "  ", omittingEmptySubsequences: true)
                #expect(words.count == 1, "ponder \(path): \(line)")
            }
        }
    }

    @Test func `an option is never separated from its value, nor a word in quotes cut`() {
        let usage = HelpText("USAGE: ponder ask [--dtype <dtype>] --connect <endpoint> [<word> ...]")
        #expect(
            usage.rendered(width: 34) == """
                USAGE: ponder ask
                       [--dtype <dtype>]
                       --connect <endpoint>
                       [<word> ...]
                """)
        #expect(
            ExampleLine("  ponder score --command 'python3 verify.py' < in").rendered(width: 40) == [
                "  ponder score \\", "      --command 'python3 verify.py' \\", "      < in",
            ])
    }

    @Test func `lines that follow each other are one paragraph, and a row keeps its column`() {
        let help = HelpText(
            "OVERVIEW: One.\n\nbroken\nby hand\n\nUSAGE: x\n\nOPTIONS:\n  --a <b>                 Some words of help."
        )
        #expect(
            help.rendered(width: 42) == """
                OVERVIEW: One.

                broken by hand

                USAGE: x

                OPTIONS:
                  --a <b>                 Some words of
                                          help.
                """)
    }
}
