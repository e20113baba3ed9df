/// A notation with numbers that is no arithmetic: a time of day, or a date.
enum MathLiteral: Hashable, Sendable {
    /// The half of the day is nil where it is not said.
    case time(hour: Int, minute: Int, second: Int?, Half?)
    /// As it was written; two parts can be day and month.
    case date([Int])

    enum Half: String, Sendable { case am, pm }

    /// The two numbers of a time such as `7:32`, which a ratio has too.
    var ratio: [MathExpression]? {
        guard case .time(let hour, let minute, nil, nil) = self else { return nil }
        return [.integer(hour), .integer(minute)]
    }

    /// Whether both can name the same time or day.
    func isSame(as other: MathLiteral) -> Bool {
        switch (self, other) {
        case (
            .time(let hour, let minute, let second, let half),
            .time(let hour2, let minute2, let second2, let half2)
        ):
            guard minute == minute2, second == second2 else { return false }
            return !Self.hours(hour, half).isDisjoint(with: Self.hours(hour2, half2))
        case (.date(let parts), .date(let others)):
            return parts == others || (Self.days(parts) != nil && Self.days(parts) == Self.days(others))
        default: return false
        }
    }

    /// The hours of the day that are meant: both halves below 13 o'clock when none is named.
    private static func hours(_ hour: Int, _ half: Half?) -> Set<Int> {
        guard (1...12).contains(hour) else { return half == .am && hour > 12 ? [] : [hour % 24] }
        switch half {
        case .am?: return [hour % 12]
        case .pm?: return [hour % 12 + 12]
        case nil: return [hour % 12, hour % 12 + 12]
        }
    }

    /// Year, month and day, where their order leaves no doubt.
    private static func days(_ parts: [Int]) -> [Int]? {
        if parts[0] > 31 { return parts }
        if parts[0] > 12, parts[1] <= 12 { return [parts[2], parts[1], parts[0]] }
        return parts[1] > 12 && parts[0] <= 12 ? [parts[2], parts[0], parts[1]] : nil
    }
}

// Texts that are a literal as a whole.
extension MathParser {
    /// The whole text as a time, a date or a choice; nil, with nothing consumed, for anything else.
    mutating func literal() -> MathExpression? {
        if let time = time() ?? date() { return .literal(time) }
        return basedNumber() ?? choice()
    }

    private func integer(at index: Int, widths: ClosedRange<Int>) -> Int? {
        guard case .number(let number)? = kind(at: index), !number.isDecimal, widths.contains(number.width)
        else {
            return nil
        }
        return number.integer
    }

    /// `3:30`, `10:45 p.m.`, `3 PM`; minutes have two digits.
    private func time() -> MathLiteral? {
        guard let hour = integer(at: 0, widths: 1...2), hour <= 24 else { return nil }
        var (index, parts) = (1, [Int]())
        while parts.count < 2, kind(at: index) == .symbol(":"), !tokens[index].isSpaced,
            let part = integer(at: index + 1, widths: 2...2), part < 60
        {
            parts.append(part)
            index += 2
        }
        let half = half(at: index)
        guard index == tokens.count || half != nil, !parts.isEmpty || half != nil else { return nil }
        return .time(hour: hour, minute: parts.first ?? 0, second: parts.count == 2 ? parts[1] : nil, half)
    }

    /// `AM`, `p.m.` and the like, up to the end.
    private func half(at start: Int) -> MathLiteral.Half? {
        var letters = ""
        for token in tokens[min(start, tokens.count)...].prefix(5) {
            switch token.kind {
            case .word(let word), .text(let word): letters += word.lowercased().filter { $0.isLetter }
            case .symbol("."): break
            default: return nil
            }
        }
        return tokens.count - start <= 5 ? MathLiteral.Half(rawValue: letters) : nil
    }

    /// `3/14/2015`, `2015-03-14`: three numbers, one of them a year of four digits.
    private func date() -> MathLiteral? {
        guard tokens.count == 5, let sign = kind(at: 1), sign == kind(at: 3),
            sign == .symbol("/") || sign == .symbol("-"), !tokens.dropFirst().contains(where: \.isSpaced)
        else { return nil }
        let widths = [0, 2, 4].compactMap { index -> Int? in
            guard case .number(let number)? = kind(at: index), !number.isDecimal else { return nil }
            return number.width
        }
        guard widths.count == 3, widths.filter({ $0 == 4 }).count == 1,
            widths.allSatisfy({ $0 == 4 || $0 <= 2 })
        else {
            return nil
        }
        let parts = [0, 2, 4].compactMap { integer(at: $0, widths: 1...4) }
        guard parts.contains(where: { (1000...2999).contains($0) }) else { return nil }
        return .date(parts)
    }

    /// `(C) 12`, `\textbf{(C)}\ 12`, `B. 42`: the letter of a choice and what it stands for.
    private mutating func choice() -> MathExpression? {
        let start = place
        guard let (letter, length) = choiceLetter(), length < tokens.count,
            tokens[length].isSpaced || length == 1
        else {
            return nil
        }
        place = length
        if let value = list(), place == tokens.count { return .choice(letter, value) }
        place = start
        return nil
    }

    private func choiceLetter() -> (letter: String, length: Int)? {
        func isLetter(_ word: String) -> Bool { word.utf8.count == 1 && ("A"..."J").contains(word) }
        switch (kind(at: 0), kind(at: 1), kind(at: 2)) {
        case (.symbol("("), .word(let word), .symbol(")")), (.symbol("("), .text(let word), .symbol(")")):
            return isLetter(word) ? (word, 3) : nil
        case (.word(let word), .symbol("."), _), (.word(let word), .symbol(")"), _),
            (.text(let word), .symbol("."), _):
            return isLetter(word) ? (word, 2) : nil
        case (.text(let words), _, _):
            let letter = words.filter { $0.isLetter }
            let isMarked =
                words.utf8.count > 1 && words.utf8.count <= 3 && words.hasSuffix(")") || words.hasSuffix(".")
            return isMarked && isLetter(letter) ? (letter, 1) : nil
        default: return nil
        }
    }
}
