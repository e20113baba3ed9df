// `\boxed{…}` and its siblings.
extension AnswerExtraction {
    struct Box {
        let start: Int
        let inside: Range<Int>
        let end: Int
    }

    private static let marks: [(name: StaticString, length: Int)] = [
        ("\\boxed", 6), ("\\fbox", 5), ("\\framebox", 9),
    ]

    /// The most boxes that are members of one answer.
    private static let boxLimit = 16
    /// The longest text between two members, in characters.
    private static let separatorLimit = 40

    /// The last box, and the boxes before it that only a comma, a conjunction, a name or delimiters separate from it.
    func lastBoxes() -> [Box] {
        guard let last = lastBox(before: text.count) else { return [] }
        var boxes = [last]
        while boxes.count < Self.boxLimit, let box = lastBox(before: boxes[0].start),
            box.end <= boxes[0].start,
            isSeparator(box.end..<boxes[0].start)
        {
            boxes.insert(box, at: 0)
        }
        return boxes
    }

    private func lastBox(before limit: Int) -> Box? {
        for start in (0..<limit).reversed() where text[start] == "\\" {
            guard start + 1 < text.count, text[start + 1] == "b" || text[start + 1] == "f" else { continue }
            guard let mark = Self.marks.first(where: { stands($0.name, at: start) }) else { continue }
            return box(at: start, contentAt: start + mark.length)
        }
        return nil
    }

    private func box(at start: Int, contentAt content: Int) -> Box {
        var index = content
        while index < text.count, MathSymbols.isSpace(text[index]) { index += 1 }
        guard index < text.count else { return Box(start: start, inside: index..<index, end: index) }
        guard text[index] == "{" else {
            let end = text[index...].firstIndex { MathSymbols.isSpace($0) || $0 == "$" } ?? text.count
            return Box(start: start, inside: index..<end, end: end)
        }
        var open = 0
        for place in index..<min(text.count, index + Self.partLimit) {
            if place > 0, text[place - 1] == "\\", place < 2 || text[place - 2] != "\\" { continue }
            if text[place] == "{" { open += 1 }
            if text[place] == "}" { open -= 1 }
            if open == 0 { return Box(start: start, inside: (index + 1)..<place, end: place + 1) }
        }
        // The box is never closed, so the end of the answer is unknown.
        return Box(start: start, inside: index..<min(text.count, index + 100), end: text.count)
    }

    /// Whether the range holds only white space, delimiters, a comma or conjunction, and the name of the next box.
    private func isSeparator(_ range: Range<Int>) -> Bool {
        guard range.count <= Self.separatorLimit else { return false }
        var rest = string(range).lowercased()
        for mark in Self.delimiters { rest = rest.split(separator: mark).joined(separator: " ") }
        let words = rest.split { " \n\t,.;~*{}$".contains($0) }.filter { $0 != "and" && $0 != "or" }
        // As in `x = \boxed{3}` and `\boxed{2} pens and \boxed{3} books`.
        if words.isEmpty || (words.joined().hasSuffix("=") && words.joined().utf8.count <= 8) { return true }
        return rest.contains("and") && words.count <= 4
            && words.allSatisfy { word in
                word.allSatisfy { $0.isLetter || "()".contains($0) }
                    && !Self.contradicting.contains(String(word))
            }
    }

    private static let contradicting = ProseWords.doubting.union(ProseWords.denying).union([
        "is", "but", "so", "then",
    ])

    private static let delimiters = [
        "\\text", "\\qquad", "\\quad", "\\[", "\\]", "\\(", "\\)", "\\,", "\\;", "\\ ", "\\",
    ]
}
