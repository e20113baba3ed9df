/// A countdown answer: an expression, with or without other sides of an equation, read and evaluated exactly.
///
///     CountdownEquation("3 × (5 + 7) = 36", numberLimit: 3)   // two sides: numbers [3, 5, 7] with value 36, and [36] with 36
///
/// Grammar: equation = sum {"=" sum}; sum = product {(+|-) product}; product = factor {(*|/) factor | group};
/// factor = {+|-} (integer | group | fraction); group = "(" sum ")", or the same with square brackets or braces.
struct CountdownEquation {
    /// One side of the equation.
    struct Side {
        /// The integers, left to right; one with a minus sign before it may be the negative number or the positive one.
        fileprivate(set) var numbers: [Leaf] = []
        fileprivate(set) var value = Fraction.Outcome.undefined
    }

    struct Leaf: Hashable {
        let magnitude: Int
        let hasMinus: Bool
    }

    private(set) var sides: [Side] = []

    private let symbols: [CountdownSymbol]
    private let numberLimit: Int
    private var place = 0
    private var depth = 0
    private var numbers: [Leaf] = []

    /// The longest answer in bytes, the deepest nesting of parentheses, and the most sides that are read.
    static let lengthLimit = 4096
    static let depthLimit = 64
    static let sideLimit = 8

    /// nil when the text is not in the grammar, too long, too deep, or has more than `numberLimit` integers on a side.
    init?(_ text: String, numberLimit: Int) {
        guard text.utf8.count <= Self.lengthLimit, let symbols = CountdownSymbol.read(text) else {
            return nil
        }
        self.symbols = symbols
        self.numberLimit = numberLimit
        repeat {
            numbers = []
            guard sides.count < Self.sideLimit, let value = sum() else { return nil }
            sides.append(Side(numbers: numbers, value: value))
        } while take(.equals)
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
            } else if isOpen {
                operation = Fraction.multiplied
            } else {
                return result
            }
            guard let right = factor() else { return nil }
            result = result.combined(with: right, by: operation)
        }
    }

    private var isOpen: Bool {
        if place < symbols.count, case .open = symbols[place] { true } else { false }
    }

    private mutating func factor() -> Fraction.Outcome? {
        var isNegative = false
        // A sign may stand before a number or a group, and two signs in a row are a slip.
        if take(.minus) { isNegative = true } else { _ = take(.plus) }
        if take(.fraction) {
            guard let above = group(), let below = group() else { return nil }
            return above.combined(with: below, by: Fraction.divided).negated(isNegative)
        }
        if isOpen { return group()?.negated(isNegative) }
        guard place < symbols.count, case .integer(let number) = symbols[place], numbers.count < numberLimit
        else {
            return nil
        }
        place += 1
        numbers.append(Leaf(magnitude: number, hasMinus: isNegative))
        return Fraction.Outcome.number(Fraction(number)).negated(isNegative)
    }

    private mutating func group() -> Fraction.Outcome? {
        guard place < symbols.count, case .open(let bracket) = symbols[place], depth < Self.depthLimit else {
            return nil
        }
        place += 1
        depth += 1
        guard let inside = sum(), take(.close(bracket)) else { return nil }
        depth -= 1
        return inside
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

    fileprivate func negated(_ isNegative: Bool) -> Fraction.Outcome {
        isNegative ? Fraction.Outcome.number(Fraction(0)).combined(with: self, by: Fraction.subtracted) : self
    }
}

/// The tokens of a countdown expression.
enum CountdownSymbol: Hashable {
    enum Bracket: Hashable { case round, square, brace }

    case integer(Int)
    case plus, minus, times, over, equals, fraction
    case open(Bracket), close(Bracket)

    /// nil for a character outside the grammar, a number beyond 64 bits, or a number with leading zeros.
    static func read(_ text: String) -> [CountdownSymbol]? {
        var symbols: [CountdownSymbol] = []
        var rest = Substring(text.halfWidth).unicodeScalars
        while let scalar = rest.popFirst() {
            switch scalar {
            case "0"..."9":
                let more = rest.prefix { ("0"..."9").contains($0) }
                rest = rest.dropFirst(more.count)
                let digits = String(scalar) + String(more)
                guard digits == "0" || digits.first != "0", let number = Int(digits) else { return nil }
                // `3 5` is not a product.
                if case .integer = symbols.last { return nil }
                symbols.append(.integer(number))
            case "\\":
                let name = rest.prefix { ("a"..."z").contains($0) }
                rest = rest.dropFirst(name.count)
                // `\,` and its like are spaces.
                if name.isEmpty, let space = rest.popFirst(), ",;!: ".unicodeScalars.contains(space) {
                    continue
                }
                guard let command = commands[String(name)] else { return nil }
                symbols += command
            default:
                if let symbol = signs[scalar] {
                    symbols.append(symbol)
                } else if !scalar.properties.isWhitespace {
                    return nil
                }
            }
        }
        return symbols
    }

    private static let signs: [Unicode.Scalar: CountdownSymbol] = [
        "+": .plus, "-": .minus, "\u{2212}": .minus, "\u{2013}": .minus, "*": .times, "\u{D7}": .times,
        "\u{B7}": .times,
        "\u{22C5}": .times, "\u{2219}": .times, "\u{2217}": .times, "x": .times, "X": .times, "/": .over,
        "\u{F7}": .over,
        "\u{2215}": .over, "=": .equals, "(": .open(.round), ")": .close(.round), "[": .open(.square),
        "]": .close(.square),
        "{": .open(.brace), "}": .close(.brace),
    ]
    private static let commands: [String: [CountdownSymbol]] = [
        "times": [.times], "cdot": [.times], "ast": [.times], "div": [.over], "frac": [.fraction],
        "dfrac": [.fraction],
        "tfrac": [.fraction], "left": [], "right": [], "quad": [],
    ]
}
