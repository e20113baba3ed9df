// Numbers: thousands, decimals, periods and exponents.
extension MathTokenizer {
    mutating func readNumber() {
        let start = place
        var digits: [UInt8] = []
        var places = 0
        var hasPoint = false
        while let scalar = peek(), Self.isDigit(scalar) { append(scalar, to: &digits) }
        if let end = groupsEnd(from: start) {
            while place < end {
                let scalar = text[place]
                if Self.isDigit(scalar) { append(scalar, to: &digits) } else { place += 1 }
            }
        }
        if pointLength > 0 {
            hasPoint = true
            place += 1
            while let scalar = peek(), Self.isDigit(scalar) {
                append(scalar, to: &digits)
                places += 1
            }
        }
        if hasPoint, readPeriod(after: digits, places: places) { return }
        if let exponent = readExponent() {
            places -= exponent
            if places < 0 {
                digits.append(contentsOf: repeatElement(0, count: -places))
                places = 0
            }
        }
        emit(.number(MathNumber(digits: digits, places: places, isDecimal: hasPoint || places > 0)))
    }

    private mutating func append(_ scalar: Unicode.Scalar, to digits: inout [UInt8]) {
        digits.append(UInt8(truncatingIfNeeded: scalar.value) &- 48)
        place += 1
    }

    /// 1 when a decimal point stands here with digits or a period after it, or a decimal comma where commas are points.
    private var pointLength: Int {
        guard let mark = peek(), let next = peek(1) else { return 0 }
        if mark == "." {
            return Self.isDigit(next) || next == "(" || next == "\\" && startsPeriod(at: place + 1) ? 1 : 0
        }
        let decimals = text[(place + 1)...].prefix { Self.isDigit($0) }.count
        // `0,111` is no list.
        let isFraction =
            depth == 0 && commas == .thousands && text[place - 1] == "0"
            && (place == 1 || !Self.isDigit(text[place - 2])) && decimals > 2
        let isPoint = commas == .point && decimals != 3
        return mark == "," && Self.isDigit(next) && (isFraction || isPoint || isPointAfterGroups) ? 1 : 0
    }

    private func startsPeriod(at index: Int) -> Bool {
        ["\\overline", "\\dot", "\\bar"].contains { text[index...].starts(with: $0.unicodeScalars) }
    }

    /// In `1.234,5` the comma is the point.
    private var isPointAfterGroups: Bool {
        guard depth == 0, place >= 4, text[place - 4] == ".",
            text[(place - 3)..<place].allSatisfy(Self.isDigit)
        else { return false }
        let digits = text[(place + 1)...].prefix { Self.isDigit($0) }.count
        let after = place + 1 + digits
        return digits != 3 && (after == text.count || text[after] != ",")
    }

    /// The end of a number whose digits separators cut into groups; nil when they do not form groups.
    ///
    /// Groups have three digits, in India two before the last three. All separators of a number are alike. A point separates
    /// groups only where there are two of them, or a decimal comma after them.
    private func groupsEnd(from start: Int) -> Int? {
        let first = place - start
        guard (1...3).contains(first), text[start] != "0", let mark = separator(at: place) else { return nil }
        var (index, sizes) = (place, [Int]())
        while let next = separator(at: index), next == mark {
            let from = index + next.count
            let digits = text[from...].prefix { Self.isDigit($0) }.count
            guard digits > 0 else { break }
            sizes.append(digits)
            index = from + digits
        }
        guard sizes.last == 3 else { return nil }
        let isWestern = sizes.allSatisfy { $0 == 3 }
        let isIndian =
            mark == [","] && first <= 2 && sizes.count > 1 && sizes.dropLast().allSatisfy { $0 == 2 }
        guard isWestern || isIndian else { return nil }
        guard mark == ["."], sizes.count < 2 else { return index }
        let decimals = text[index...].dropFirst().prefix { Self.isDigit($0) }.count
        return index < text.count && text[index] == "," && decimals > 0 && decimals != 3 ? index : nil
    }

    private static let separators: [[Unicode.Scalar]] = [
        ",\\! ", ",\\!", ",\\,", " {, }", " {,}", "{,}", "{ , }", "{, }", "\\,", "\\!", "\\ ", ",", " ", "'",
        ".",
    ].map { Array($0.unicodeScalars) }

    /// The separator between groups of digits at `index`; inside brackets a comma or blank separates members.
    private func separator(at index: Int) -> [Unicode.Scalar]? {
        guard index < text.count else { return nil }
        for mark in Self.separators where text[index...].starts(with: mark) {
            if mark.count == 1, mark != ["'"], depth > 0 { return nil }
            if mark == [","], commas != .thousands { return nil }
            return mark
        }
        return nil
    }

    /// The period of a decimal: `0.(3)`, `0.3̅`, `0.333…`; emits the number with it.
    ///
    /// `0.\overline{3}` is left to the parser. What does not show its period, such as `0.3…`, stays a number and dots.
    private mutating func readPeriod(after digits: [UInt8], places: Int) -> Bool {
        let start = place
        var period: [UInt8] = []
        var kept = digits.count
        if peek() == "(" {
            place += 1
            while let scalar = peek(), Self.isDigit(scalar) { append(scalar, to: &period) }
            guard peek() == ")", !period.isEmpty else {
                place = start
                return false
            }
            place += 1
        } else if peek() == "\u{305}" || peek() == "\u{304}", places > 0, let last = digits.last {
            place += 1
            period = [last]
            kept -= 1
        } else if dotsLength > 0, let repeated = Self.period(of: digits.suffix(places)) {
            place += dotsLength
            period = Array(digits.suffix(repeated))
            kept -= repeated
        } else {
            return false
        }
        emit(
            .number(
                MathNumber(
                    digits: Array(digits.prefix(kept)), places: places - (digits.count - kept),
                    isDecimal: true)))
        emit(.command(.overline))
        emit(.symbol("{"))
        emit(.number(MathNumber(digits: period, places: 0)))
        emit(.symbol("}"))
        return true
    }

    private var dotsLength: Int {
        for mark in ["...", "\u{2026}", "\\ldots", "\\dots", "\\cdots"]
        where text[place...].starts(with: mark.unicodeScalars) {
            return mark.unicodeScalars.count
        }
        return 0
    }

    /// The length of the period with which decimals end: one digit three times, or more digits twice.
    private static func period(of decimals: ArraySlice<UInt8>) -> Int? {
        let digits = Array(decimals)
        return (1...8).first { length in
            let times = length == 1 ? 3 : 2
            guard digits.count >= length * times else { return false }
            let end = digits.suffix(length)
            return (1..<times).allSatisfy { digits.dropLast(length * $0).suffix(length).elementsEqual(end) }
        }
    }

    /// `e-3` directly after digits, when no letter follows and it is within ±400.
    private mutating func readExponent() -> Int? {
        guard let letter = peek(), letter == "e" || letter == "E" else { return nil }
        var index = place + 1
        let isNegative = index < text.count && text[index] == "-"
        if isNegative || (index < text.count && text[index] == "+") { index += 1 }
        let start = index
        while index < text.count, Self.isDigit(text[index]), index - start < 4 { index += 1 }
        guard index > start, index - start < 4, index == text.count || !Self.isLetter(text[index]) else {
            return nil
        }
        let exponent = text[start..<index].reduce(0) { $0 * 10 + Int($1.value) - 48 }
        guard exponent <= 400 else { return nil }
        place = index
        return isNegative ? -exponent : exponent
    }
}
