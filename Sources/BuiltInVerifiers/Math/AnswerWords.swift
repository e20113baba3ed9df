/// Compares answers that are words: `Yes`, `no solution`, `Monday`, `B and D`.
///
///     AnswerWords("It is convergent").says(AnswerWords("The sequence is convergent."))   // true
struct AnswerWords {
    /// The words in lower case, without LaTeX.
    private let words: [String]
    private let letters: [String]
    private let plain: String

    init(_ text: String) {
        plain = Self.withoutCommands(text)
        words = MathText.normalised(plain).split(separator: " ").map(String.init)
        letters = plain.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// Whether these words, of an answer, say what is expected.
    func says(_ expected: AnswerWords) -> Bool {
        guard !words.isEmpty, !expected.words.isEmpty else { return false }
        if words == expected.words { return true }
        let (said, wanted) = (predicate, expected.predicate)
        if said == wanted || Self.isNoSolution(said) && Self.isNoSolution(wanted) { return true }
        if let choice = expected.choice, let chosen = self.choice {
            // One run of letters is in order: the angle ABC is not CAB.
            if choice.isRun, chosen.isRun { return choice.letters == chosen.letters }
            return Set(choice.letters) == Set(chosen.letters)
        }
        guard wanted.count == 1, Self.decisions.contains(wanted[0]) else { return false }
        let rest = words.drop { Self.fillers.contains($0) || Self.verbs.contains($0) }
        guard rest.first == wanted[0] else { return false }
        return pausesAfter(wanted[0]) || rest.count > 1 && Self.continuing.contains(rest[rest.startIndex + 1])
    }

    /// Whether the text ends or pauses after the first place of a word.
    private func pausesAfter(_ word: String) -> Bool {
        guard let range = plain.place(of: word) else { return false }
        let rest = plain[range.upperBound...].drop { $0 == " " }
        guard let mark = rest.first else { return true }
        // `No. of apples` goes on in lower case.
        if mark == ".", let next = rest.first(where: \.isLetter) { return next.isUppercase }
        return ",.;:!(-\u{2013}\u{2014}\n".contains(mark)
    }

    /// Whether these words say that nothing solves the problem.
    var deniesSolutions: Bool { Self.isNoSolution(predicate) }

    /// Words that decide a question by themselves.
    private static let decisions: Set<String> = ["yes", "no", "true", "false"]
    /// What follows such a word and only explains it.
    private static let continuing: Set<String> = [
        "because", "since", "as", "it", "they", "this", "that", "he", "she", "we", "there", "indeed", "for",
    ]

    /// The words without a subject and verb, articles and prepositions before them, and plural endings.
    private var predicate: [String] {
        var rest = words[...]
        if let verb = rest.prefix(6).lastIndex(where: { Self.verbs.contains($0) }), verb + 1 < rest.endIndex {
            rest = rest[(verb + 1)...]
        }
        while rest.count > 1, let first = rest.first, Self.fillers.contains(first),
            rest.dropFirst().first?.count != 1
        {
            rest.removeFirst()
        }
        return rest.map {
            $0.count > 3 && $0.hasSuffix("s") && !$0.hasSuffix("ss") ? String($0.dropLast()) : $0
        }
    }

    private static let verbs: Set<String> = ["is", "are", "was", "were"]
    private static let fillers: Set<String> = [
        "the", "a", "an", "on", "in", "so", "therefore", "thus", "hence", "answer", "final", "then", "it",
        "there",
    ]

    private static func isNoSolution(_ words: [String]) -> Bool {
        words.first == "no" && words.last == "solution"
            && words.dropFirst().dropLast().allSatisfy { ["real", "such"].contains($0) }
    }

    // MARK: - Letters of choices

    /// The letters A to J that are chosen: of `B`, `(B) 42`, `Option B`, `B is correct`, `B, D`, `BD`.
    private var choice: (letters: [String], isRun: Bool)? {
        var rest = letters[...]
        while rest.count > 1, let first = rest.first,
            ["option", "choice", "answer", "the", "is", "correct"].contains(first.lowercased())
        { rest.removeFirst() }
        guard let first = rest.first, first.allSatisfy({ ("A"..."J").contains($0) }), first.utf8.count <= 6
        else {
            return nil
        }
        let others = rest.dropFirst()
        if others.contains(where: { ["or", "not", "wrong", "incorrect"].contains($0.lowercased()) }) {
            return nil
        }
        var chosen = first.map(String.init)
        guard Set(chosen).count == chosen.count else { return nil }
        for word in others {
            if word == "and" { continue }
            guard word.count == 1, ("A"..."J").contains(word) else { break }
            chosen.append(word)
        }
        return (chosen, first.count == chosen.count)
    }

    /// The text with commands for text and delimiters of formulas taken out.
    private static func withoutCommands(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let first = rest.first {
            if first == "\\" {
                let name = rest.dropFirst().prefix { $0.isLetter }
                rest = rest.dropFirst(name.isEmpty ? 2 : name.count + 1)
                result += " "
            } else {
                if !"{}$*_`".contains(first) { result.append(first) }
                rest.removeFirst()
            }
        }
        return result
    }
}

extension String {
    /// The first place of a word, given in lower case; upper and lower case are the same here.
    fileprivate func place(of word: String) -> Range<Index>? {
        indices.lazy.compactMap { start in
            self.index(start, offsetBy: word.count, limitedBy: self.endIndex).map { start..<$0 }
        }.first { self[$0].lowercased() == word }
    }
}
