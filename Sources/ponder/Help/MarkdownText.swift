import Primitives

/// A Markdown text laid out for a terminal: paragraphs are filled, tables are aligned, code stays as it is.
struct MarkdownText {
    private let lines: [String]

    init(_ source: String) {
        lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// - Parameter isStyled: whether headings are bold, as a terminal shows them.
    func rendered(width: Int, isStyled: Bool) -> String {
        var output: [String] = []
        var index = 0
        /// The following lines while they meet a condition.
        func take(while condition: (String) -> Bool) -> [String] {
            let start = index
            while index < lines.count, condition(lines[index]) { index += 1 }
            return Array(lines[start..<index])
        }
        while index < lines.count {
            let line = lines[index]
            if line.hasPrefix("```") {
                index += 1
                output += take { !$0.hasPrefix("```") }.map { $0.isEmpty ? "" : "  \($0)" }
                index += 1
            } else if line.hasPrefix("#") {
                index += 1
                let title = Self.plain(String(line.drop { $0 == "#" || $0 == " " }))
                output.append(
                    isStyled
                        ? "\u{1B}[1m\(title)\u{1B}[0m" : line.hasPrefix("# ") ? title.uppercased() : title)
            } else if line.hasPrefix("|") {
                output += MarkdownTable(take { $0.hasPrefix("|") }.map(Self.plain)).rendered(width: width)
            } else if line.isEmpty || line.hasPrefix("<!--") || line.hasPrefix("![") {
                index += 1
                if line.isEmpty, output.last != "" { output.append("") }
            } else if let mark = Self.listMark(line) {
                index += 1
                let more = take { $0.hasPrefix("  ") }
                let text = ([String(line.dropFirst(mark.count))] + more).joined(separator: " ")
                output += Self.plain(text).wrapped(
                    to: width, first: mark, hanging: String(repeating: " ", count: mark.count))
            } else {
                let text = take {
                    !$0.isEmpty && !$0.hasPrefix("```") && !$0.hasPrefix("|") && Self.listMark($0) == nil
                }
                output += Self.plain(text.joined(separator: " ")).wrapped(to: width)
            }
        }
        while output.last == "" { output.removeLast() }
        return output.joined(separator: "\n")
    }

    /// What a line of a list begins with, such as `- ` or `2. `.
    private static func listMark(_ line: String) -> String? {
        if line.hasPrefix("- ") { return "- " }
        let number = line.prefix { $0.isNumber }
        return !number.isEmpty && line.dropFirst(number.count).hasPrefix(". ") ? "\(number). " : nil
    }

    /// The text without the marks that only a page needs.
    ///
    /// A link to a topic becomes the command that shows the topic.
    static func plain(_ text: String) -> String {
        text.replacing("**", with: "").replacing(/\[([^\]]*)\]\(([^)]*)\)/) { match in
            let (words, place) = (match.1, match.2)
            if place.hasPrefix("http") { return words == place ? "\(place)" : "\(words) (\(place))" }
            guard let file = place.split(separator: "/").last, file.hasSuffix(".md"),
                let topic = HelpTopic(rawValue: String(file.dropLast(3)))
            else { return "\(words)" }
            return "\(words) (`ponder help \(topic.rawValue)`)"
        }
    }
}
