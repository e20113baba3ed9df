/// The expression of a countdown answer, read and evaluated exactly.
///
///     CountdownEquation("3 × (5 + 7) = 36", numberLimit: 3)   // numbers [3, 5, 7], claimed 36, value 36
///
/// Grammar: equation = sum ["=" integer]; sum = product {(+|-) product}; product = factor {(*|/) factor};
/// factor = integer | "(" sum ")". An integer may carry a minus sign and then matches only a negative number of the problem:
/// a minus sign before a positive number makes it a different number.
struct CountdownEquation {
    /// The integers of the expression, left to right.
    private(set) var numbers: [Int] = []
    /// The integer after a trailing `=`.
    private(set) var claimed: Int?
    private(set) var value = Fraction.Outcome.undefined

    private let symbols: [CountdownSymbol]
    private let numberLimit: Int
    private var place = 0
    private var depth = 0

    /// The longest answer in bytes and the deepest nesting of parentheses that are read.
    static let lengthLimit = 4096
    static let depthLimit = 64

    /// nil when the text is not in the grammar, too long, too deep, or has more than `numberLimit` integers.
    init?(_ text: String, numberLimit: Int) {
        guard text.utf8.count <= Self.lengthLimit, let symbols = CountdownSymbol.read(text) else {
            return nil
        }
        self.symbols = symbols
        self.numberLimit = numberLimit
        guard let value = sum() else { return nil }
        self.value = value
        if take(.equals) {
            guard let claimed = integer() else { return nil }
            self.claimed = claimed
        }
        guard place == symbols.count else { return nil }
    }

    private mutating func sum() -> Fraction.Outcome? {
        guard var result = product() else { return nil }
        while true {
            let operation: (Fraction) -> (Fraction) -> Fraction.Outcome
            if take(.plus) {
                operation = Fraction.added
            } else if take(.minus) {
                operation = Fraction.subtracted
            } else {
                return result
            }
            guard let right = product() else { return nil }
            result = result.combined(with: right, by: operation)
        }
    }

    private mutating func product() -> Fraction.Outcome? {
        guard var result = factor() else { return nil }
        while true {
            let operation: (Fraction) -> (Fraction) -> Fraction.Outcome
            if take(.times) {
                operation = Fraction.multiplied
            } else if take(.over) {
                operation = Fraction.divided
            } else {
                return result
            }
            guard let right = factor() else { return nil }
            result = result.combined(with: right, by: operation)
        }
    }

    private mutating func factor() -> Fraction.Outcome? {
        if take(.open) {
            depth += 1
            guard depth <= Self.depthLimit, let inside = sum(), take(.close) else { return nil }
            depth -= 1
            return inside
        }
        guard let number = integer(), numbers.count < numberLimit else { return nil }
        numbers.append(number)
        return .number(Fraction(number))
    }

    private mutating func integer() -> Int? {
        let isNegative = take(.minus)
        guard place < symbols.count, case .integer(let number) = symbols[place] else { return nil }
        place += 1
        return isNegative ? -number : number
    }

    private mutating func take(_ symbol: CountdownSymbol) -> Bool {
        guard place < symbols.count, symbols[place] == symbol else { return false }
        place += 1
        return true
    }
}

extension Fraction.Outcome {
    /// A division by zero anywhere makes the whole undefined, even when another part is too large.
    fileprivate func combined(
        with right: Fraction.Outcome, by operation: (Fraction) -> (Fraction) -> Fraction.Outcome
    ) -> Fraction.Outcome {
        switch (self, right) {
        case (.undefined, _), (_, .undefined): .undefined
        case (.tooLarge, _), (_, .tooLarge): .tooLarge
        case (.number(let left), .number(let right)): operation(left)(right)
        }
    }
}

/// The tokens of a countdown expression.
enum CountdownSymbol: Hashable {
    case integer(Int)
    case plus, minus, times, over, open, close, equals

    /// nil for a character outside the grammar, a number beyond 64 bits, or a number with leading zeros.
    static func read(_ text: String) -> [CountdownSymbol]? {
        var symbols: [CountdownSymbol] = []
        var digits = ""
        for scalar in text.unicodeScalars {
            if ("0"..."9").contains(scalar) {
                digits.unicodeScalars.append(scalar)
                continue
            }
            guard flush(&digits, into: &symbols) else { return nil }
            switch scalar {
            case "+": symbols.append(.plus)
            case "-", "\u{2212}": symbols.append(.minus)
            case "*", "\u{D7}": symbols.append(.times)
            case "/", "\u{F7}": symbols.append(.over)
            case "(": symbols.append(.open)
            case ")": symbols.append(.close)
            case "=": symbols.append(.equals)
            default:
                guard scalar.properties.isWhitespace else { return nil }
            }
        }
        return flush(&digits, into: &symbols) ? symbols : nil
    }

    private static func flush(_ digits: inout String, into symbols: inout [CountdownSymbol]) -> Bool {
        guard !digits.isEmpty else { return true }
        guard digits == "0" || digits.first != "0", let number = Int(digits) else { return false }
        symbols.append(.integer(number))
        digits = ""
        return true
    }
}
