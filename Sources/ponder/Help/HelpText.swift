import Primitives

/// The help of a command, cut into its parts, so that it can be laid out for any width.
///
/// ArgumentParser breaks a help text at the width of the terminal, in the middle of examples too. Ponder asks it for the text
/// without breaks and lays it out itself: paragraphs are filled, and an example can be copied at every width.
struct HelpText {
    enum Part: Equatable {
        case paragraph(String)
        /// A line to copy, or a comment on one.
        case example(String)
        case usage(String)
        case header(String)
        case row(label: String, text: String)
        case blank
    }

    /// The width for which ArgumentParser breaks no line.
    static let unbroken = 100_000

    /// The column at which ArgumentParser begins the text of a row.
    private static let textColumn = 26

    private(set) var parts: [Part] = []

    /// - Parameter message: a help text of ArgumentParser, made for `unbroken` columns.
    init(_ message: String) {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let usage = lines.firstIndex(where: { $0.hasPrefix("USAGE: ") }) else {
            addProse(lines[...])
            return
        }
        addProse(lines[..<usage])
        parts.append(.usage(lines[usage]))
        addTables(lines[(usage + 1)...])
    }

    /// Whether a message of ArgumentParser is a help text, and not a version or a script.
    static func isHelp(_ message: String) -> Bool {
        message.hasPrefix("OVERVIEW: ") || message.hasPrefix("USAGE: ")
    }

    /// Lines that follow each other are one paragraph; an indented line is an example.
    private mutating func addProse(_ lines: ArraySlice<String>) {
        var paragraph: [String] = []
        func closed(_ parts: inout [Part]) {
            if !paragraph.isEmpty { parts.append(.paragraph(paragraph.joined(separator: " "))) }
            paragraph = []
        }
        for line in lines {
            if line.isEmpty || line.hasPrefix("  ") {
                closed(&parts)
                parts.append(line.isEmpty ? .blank : .example(line))
            } else {
                paragraph.append(line)
            }
        }
        closed(&parts)
    }

    private mutating func addTables(_ lines: ArraySlice<String>) {
        let margin = String(repeating: " ", count: Self.textColumn)
        for (index, line) in zip(lines.indices, lines) {
            let next = lines.indices.contains(index + 1) ? lines[index + 1] : ""
            if line.isEmpty {
                parts.append(.blank)
            } else if !line.hasPrefix(" ") {
                parts.append(.header(line))
            } else if line.hasPrefix("  See '") {
                // Where to read on: the list of topics says it.
                continue
            } else if line.hasPrefix(margin) {
                addText(line.trimmingPrefix(while: { $0 == " " }))
            } else if line.count > Self.textColumn, !next.hasPrefix(margin) {
                parts.append(
                    .row(
                        label: line.prefix(Self.textColumn).trimmed,
                        text: String(line.dropFirst(Self.textColumn))))
            } else {
                parts.append(.row(label: line[...].trimmed, text: ""))
            }
        }
    }

    /// Adds to the text of the last row.
    private mutating func addText(_ text: Substring) {
        guard case .row(let label, let before)? = parts.last else {
            return parts.append(.paragraph(String(text)))
        }
        parts[parts.count - 1] = .row(label: label, text: before.isEmpty ? String(text) : "\(before) \(text)")
    }

    /// The text with no line over `width`.
    func rendered(width: Int) -> String {
        var lines = parts.flatMap { part in
            switch part {
            case .blank: [""]
            case .header(let text): [text]
            case .paragraph(let text): text.wrapped(to: width)
            case .example(let line): ExampleLine(line).rendered(width: width)
            case .usage(let text): Self.usageWords(text).wrapped(to: width, hanging: "       ")
            case .row(let label, let text): Self.row(label, text, width: width)
            }
        }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    private static func row(_ label: String, _ text: String, width: Int) -> [String] {
        let margin = String(repeating: " ", count: textColumn)
        let start = "  " + label
        guard !text.isEmpty else { return [start] }
        guard start.count < textColumn else {
            return [start] + text.wrapped(to: width, first: margin, hanging: margin)
        }
        return text.wrapped(
            to: width, first: start + margin.dropFirst(start.count), hanging: margin)
    }

    /// The words of a synopsis; an option stays with its value, and what is in brackets stays together.
    private static func usageWords(_ text: String) -> [String] {
        var words: [String] = []
        var depth = 0
        for word in text.split(separator: " ").map(String.init) {
            let isValue = word.hasPrefix("<") && words.last?.hasPrefix("-") == true
            if depth > 0 || isValue, let last = words.popLast() {
                words.append("\(last) \(word)")
            } else {
                words.append(word)
            }
            depth += word.count { $0 == "[" || $0 == "(" } - word.count { $0 == "]" || $0 == ")" }
        }
        return words
    }
}

extension Substring {
    /// Without white space at the ends.
    fileprivate var trimmed: String {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text.drop(while: \.isWhitespace))
    }
}
