import Primitives

/// A line of an example, which can be copied into a shell at every width.
struct ExampleLine {
    private let indentation: String
    private let text: String

    init(_ line: String) {
        indentation = String(line.prefix { $0 == " " })
        text = String(line.drop { $0 == " " })
    }

    /// The most columns of an example, also on a wide terminal: it stays copyable into a mail or an issue.
    static let widest = 78

    /// The line, broken as a shell allows it: before a word, with a backslash at the end of the line.
    func rendered(width: Int) -> [String] {
        let width = min(width, Self.widest)
        guard indentation.count + text.count > width else { return [indentation + text] }
        if text.hasPrefix("# ") {
            return text.dropFirst(2).description.wrapped(
                to: width, first: indentation + "# ", hanging: indentation + "# ")
        }
        let mark = " \\"
        var lines = Self.words(text).wrapped(
            to: width - mark.count, first: indentation, hanging: indentation + "    ")
        for index in lines.indices.dropLast() { lines[index] += mark }
        return lines
    }

    /// The words as a shell cuts them: blanks in quotes cut nothing.
    private static func words(_ text: String) -> [String] {
        var words = [""]
        var quote: Character?
        for character in text {
            if character == " ", quote == nil {
                words.append("")
                continue
            }
            if character == quote {
                quote = nil
            } else if quote == nil, "'\"".contains(character) {
                quote = character
            }
            words[words.count - 1].append(character)
        }
        return words.filter { !$0.isEmpty }.reduce(into: []) { joined, word in
            if let last = joined.last, takesNext(last), !word.hasPrefix("-") {
                joined[joined.count - 1] = "\(last) \(word)"
            } else {
                joined.append(word)
            }
        }
    }

    /// Whether the word after this one belongs to it: the value of an option, the file of a redirection.
    private static func takesNext(_ word: String) -> Bool {
        ["<", ">", "|"].contains(word) || word.hasPrefix("--") && word != "--" && !word.contains(" ")
    }
}
