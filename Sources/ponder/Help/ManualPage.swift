import ArgumentParser

/// The manual page `ponder(1)` in the language of man: the help of every command.
enum ManualPage {
    static func text() -> String {
        let commands = CommandTree.all()
        let root = commands.first.map { [section("DESCRIPTION")] + body($0.command) } ?? []
        let others = commands.dropFirst().flatMap { path, command in
            [section("ponder \(path.joined(separator: " "))")] + body(command)
        }
        let topics = HelpTopic.allCases.flatMap {
            [".TP", escaped("ponder help \($0.rawValue)"), escaped($0.summary)]
        }
        return
            ([
                ".TH PONDER 1 \"\" \"ponder \(Ponder.configuration.version)\" \"Ponder\"",
                section("NAME"), escaped("ponder - \(Ponder.configuration.abstract)"),
                section("SYNOPSIS"), ".B ponder", escaped("COMMAND [ARGUMENT ...]"),
            ] + root + [section("TOPICS")] + topics + others).joined(separator: "\n")
    }

    private static func section(_ title: String) -> String { ".SH \"\(escaped(title))\"" }

    private static func body(_ command: CommandTree.Command) -> [String] {
        let help = HelpText(Ponder.helpMessage(for: command, columns: HelpText.unbroken))
        var lines: [String] = []
        var isExample = false
        for part in help.parts {
            if case .example(let line) = part {
                if !isExample { lines += [".RS 2", ".nf"] }
                isExample = true
                lines.append(escaped(line.drop { $0 == " " }.description))
                continue
            }
            if isExample { lines += [".fi", ".RE"] }
            isExample = false
            switch part {
            case .blank: lines.append(".PP")
            case .paragraph(let text): lines.append(escaped(text.trimmingPrefix("OVERVIEW: ").description))
            case .usage(let text): lines += [".PP", escaped(text)]
            case .header(let text): lines.append(".SS \"\(escaped(text))\"")
            case .row(let label, let text): lines += [".TP", escaped(label), escaped(text)]
            case .example: break
            }
        }
        return lines
    }

    /// A backslash is doubled, a hyphen stays a hyphen that can be copied, and no line begins with a command of roff.
    private static func escaped(_ text: String) -> String {
        let text = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text
    }
}
