import Reasoning

/// The part of a short answer that says it, without the marks that people and models put around it.
///
///     AnswerPart("So the answer is \boxed{\textbf{(B)}}.")   // text (B), rule boxed
///     AnswerPart("**Answer:** `51`")                         // text 51, rule answerIs
///
/// The first of these that applies is taken: the content of the boxes, if all boxes of the text hold the same; the line
/// after the last `####`; what follows the last `answer is` or `answer:`; the whole text. Marks around it are then left out:
/// `<answer>`, dollars, bold, quotes, `\text{}`. It is for verifiers that judge one number, letter or expression; the verifier
/// `math` has its own reading.
struct AnswerPart {
    let rule: AnswerReading.Rule
    let text: String

    /// The longest answer that is searched, in bytes.
    static let limit = 1 << 16

    /// nil when the boxes of the text differ, or when the text is too long.
    init?(_ answer: String) {
        guard answer.utf8.count <= Self.limit else { return nil }
        let text = answer.halfWidth
        if let contents = Self.boxes(in: text) {
            let peeled = Set(contents.map(Self.peeled))
            guard let only = peeled.first, peeled.count == 1 else { return nil }
            self.init(.boxed, only)
        } else if let (_, line) = text.split(atLast: ["####"]) {
            let first = line.trimmed.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
            self.init(.hashes, Self.peeled(first))
        } else if let (before, rest) = text.split(atLast: Self.announcements), !Self.isDenied(before) {
            // Bold marks around `Answer:` leave their second half here.
            let isHalf = rest.splitBytes(on: "**").count == 2
            self.init(.answerIs, Self.peeled(isHalf ? rest.replacing("**", with: "") : rest))
        } else {
            self.init(.whole, Self.peeled(text))
        }
    }

    private init(_ rule: AnswerReading.Rule, _ text: String) {
        self.rule = rule
        self.text = text
    }

    private static let announcements = [
        "answer is:", "answer is", "answer:", "answer**:", "answer :", "答案是", "答案为", "答案:", "정답은", "정답:",
        "답은", "답:",
    ]

    /// Whether the clause before `answer is` takes back what follows: `I doubt that the answer is 5`, `the wrong answer is 5`.
    private static func isDenied(_ before: String) -> Bool {
        let clause =
            before.suffix(200).lowercased().split(whereSeparator: { ".,;:!?\n".contains($0) }).last ?? ""
        let words =
            before.last.map { ".,;:!?\n".contains($0) } == true ? [] : clause.split(separator: " ").suffix(6)
        return words.contains { denials.contains(String($0)) }
    }

    private static let denials: Set<String> = [
        "wrong", "incorrect", "false", "not", "don't", "doesn't", "isn't", "doubt", "never", "cannot",
        "can't", "if", "unless",
    ]

    // MARK: - Boxes

    /// The contents of all `\boxed{}` and `\fbox{}`; nil without any, and an empty one for a box that is never closed.
    private static func boxes(in text: String) -> [String]? {
        let bytes = Array(text.utf8)
        let marks = [Array("\\boxed".utf8), Array("\\fbox".utf8)]
        var contents: [String] = []
        var place = 0
        while let slash = bytes[place...].firstIndex(of: UInt8(ascii: "\\")) {
            place = slash + 1
            guard let mark = marks.first(where: { bytes[slash...].starts(with: $0) }) else { continue }
            var start = slash + mark.count
            while start < bytes.count, bytes[start] == UInt8(ascii: " ") { start += 1 }
            guard start < bytes.count, let end = closing(bytes, from: start) else { return contents + [""] }
            contents.append(String(decoding: bytes[start + 1..<end], as: UTF8.self))
            place = end
        }
        return contents.isEmpty ? nil : contents
    }

    /// The place of the brace that closes the one at `start`; nil when there is none, or none at `start`.
    private static func closing(_ bytes: [UInt8], from start: Int) -> Int? {
        guard bytes[start] == UInt8(ascii: "{") else { return nil }
        var depth = 0
        for place in start..<bytes.count {
            if bytes[place] == UInt8(ascii: "{") { depth += 1 }
            if bytes[place] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return place }
        }
        return nil
    }

    /// What stands in the braces with which a text begins; nil when they are never closed.
    private static func braced(_ text: Substring) -> Substring? {
        guard text.first == "{" else { return nil }
        var depth = 0
        for index in text.indices {
            if text[index] == "{" { depth += 1 }
            if text[index] == "}" { depth -= 1 }
            if depth == 0 { return text[text.index(after: text.startIndex)..<index] }
        }
        return nil
    }

    // MARK: - Marks around a text

    private static let pairs = [
        ("<answer>", "</answer>"), ("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"),
        ("__", "__"),
        ("`", "`"), ("\"", "\""), ("'", "'"), ("“", "”"), ("‘", "’"), ("「", "」"), ("{", "}"),
    ]
    private static let commands = [
        "\\text", "\\textbf", "\\textit", "\\textrm", "\\mathrm", "\\mathbf", "\\mathsf", "\\mathit",
        "\\mbox",
        "\\displaystyle", "\\bf", "\\rm", "\\bold", "\\boldsymbol", "\\bm",
    ]

    /// The text without the marks around it, and without a full stop at its end.
    static func peeled(_ text: String) -> String {
        var text = text.trimmed
        // Each turn takes at least one character; marks nest a few deep in real answers.
        for _ in 0..<16 {
            let next = onceMore(text)
            if next == text { break }
            text = next
        }
        return text
    }

    private static func onceMore(_ text: String) -> String {
        for (open, close) in pairs where text.hasPrefix(open) && text.hasSuffix(close) {
            let inside = text.dropFirst(open.count).dropLast(close.count)
            guard text.count >= open.count + close.count, !inside.contains(close),
                !inside.contains(open) || open == "{"
            else { continue }
            // `{a}{b}` is not one pair.
            if open == "{", braced(Substring(text))?.endIndex != text.index(before: text.endIndex) {
                continue
            }
            return String(inside).trimmed
        }
        if text.hasPrefix("\\") {
            let name = text.dropFirst().prefix { $0.isLetter }
            let rest = text.dropFirst(name.count + 1)
            if commands.contains("\\" + name), rest.first != "\\" {
                if let content = braced(rest) {
                    return (content + rest[content.endIndex...].dropFirst()).description.trimmed
                }
                return String(rest).trimmed
            }
        }
        // A full stop ends a sentence; a number's point has digits after it.
        if text.hasSuffix("."), !text.hasSuffix("..") { return String(text.dropLast()).trimmed }
        return text
    }
}

extension String {
    /// What stands before and after the last of the marks, ignoring the case of ASCII letters; nil without any.
    fileprivate func split(atLast marks: [String]) -> (before: String, after: String)? {
        let bytes = Array(utf8)
        // The longest first: of marks that end at one place, it is meant.
        let marks = marks.map { Array($0.utf8) }.sorted { $0.count > $1.count }
        let lasts = Set(marks.compactMap(\.last))
        func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }
        for end in stride(from: bytes.count, to: 0, by: -1) where lasts.contains(lower(bytes[end - 1])) {
            let mark = marks.first { mark in
                mark.count <= end && zip(bytes[(end - mark.count)..<end], mark).allSatisfy { lower($0) == $1 }
            }
            guard let mark else { continue }
            return (
                String(decoding: bytes[..<(end - mark.count)], as: UTF8.self),
                String(decoding: bytes[end...], as: UTF8.self)
            )
        }
        return nil
    }

    /// The text with full-width ASCII and the ideographic full stop and comma as ASCII.
    var halfWidth: String {
        guard utf8.contains(where: { $0 >= 0x80 }) else { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar {
            case "\u{FF01}"..."\u{FF5E}": result.append(Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar)
            case "。", "｡": result.append(".")
            case "、": result.append(",")
            case "\u{3000}": result.append(" ")
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
