/// Cuts mathematical text into tokens; gives nil for text that is too long or contains an unknown command.
///
/// Reads every character once, in order.
struct MathTokenizer {
    private let text: [Unicode.Scalar]
    private var place = 0
    private var tokens: [MathToken] = []
    private var isSpaced = false
    /// The count of open brackets; inside brackets a comma between digits separates members.
    private var depth = 0
    private let hasEnvironment: Bool

    /// The most characters and tokens of a text that is read.
    static let lengthLimit = 2000
    static let tokenLimit = 1000

    static func tokens(of text: [Unicode.Scalar]) -> [MathToken]? {
        guard text.count <= lengthLimit else { return nil }
        var tokenizer = MathTokenizer(text)
        while tokenizer.place < tokenizer.text.count {
            guard tokenizer.readNext(), tokenizer.tokens.count <= tokenLimit else { return nil }
        }
        return tokenizer.tokens
    }

    private init(_ text: [Unicode.Scalar]) {
        self.text = text
        let begin = Array("\\begin".unicodeScalars)
        hasEnvironment =
            text.count > begin.count
            && text.indices.contains { text[$0] == "\\" && text[$0...].starts(with: begin) }
        tokens.reserveCapacity(min(text.count, 64))
    }

    private mutating func emit(_ kind: MathToken.Kind) {
        tokens.append(MathToken(kind: kind, isSpaced: isSpaced))
        isSpaced = false
    }

    private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        let index = place + offset
        return index < text.count ? text[index] : nil
    }

    private mutating func readNext() -> Bool {
        let scalar = text[place]
        switch scalar {
        case " ", "\t", "\n", "\r", "~", "\u{A0}", "\u{2009}", "\u{202F}":
            isSpaced = true
            place += 1
        case "0"..."9":
            readNumber()
        case "." where peek(1).map(MathTokenizer.isDigit) ?? false:
            readNumber()
        case "." where peek(1) == "." && peek(2) == ".":
            place += 3
            emit(.command(.dots))
        case "a"..."z", "A"..."Z":
            readWord()
        case "\\":
            return readCommand()
        case "(", "[":
            depth += 1
            symbol(scalar)
        case ")", "]":
            depth -= 1
            symbol(scalar)
        case "<" where peek(1) == "=": command(.lessOrEqual, length: 2)
        case ">" where peek(1) == "=": command(.greaterOrEqual, length: 2)
        case "!" where peek(1) == "=": command(.notEqual, length: 2)
        case "~" where peek(1) == "=": command(.approximately, length: 2)
        case "=" where peek(1) == "=":
            place += 1
        case "*" where peek(1) == "*":
            place += 1
            symbol("^")
        case "+" where peek(1) == "-": command(.plusMinus, length: 2)
        case "<": command(.less, length: 1)
        case ">": command(.greater, length: 1)
        default:
            return readOther(scalar)
        }
        return true
    }

    private mutating func symbol(_ scalar: Unicode.Scalar) {
        place += 1
        emit(.symbol(scalar))
    }

    private mutating func command(_ command: MathCommand, length: Int) {
        place += length
        emit(.command(command))
    }

    /// Reads punctuation, Unicode mathematics, and letters of any script.
    private mutating func readOther(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            guard scalar.value > 32, scalar.value < 127, !"`\"#@?".unicodeScalars.contains(scalar) else {
                return false
            }
            symbol(scalar)
            return true
        }
        guard let kinds = MathSymbols.kinds(of: scalar) else {
            guard scalar.properties.isAlphabetic else { return false }
            readWord()
            return true
        }
        place += 1
        kinds.forEach { emit($0) }
        return true
    }

    private mutating func readWord() {
        let start = place
        while let scalar = peek(), Self.isLetter(scalar) { place += 1 }
        var word = String.UnicodeScalarView()
        word.append(contentsOf: text[start..<place])
        emit(.word(String(word)))
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z": true
        default:
            !scalar.isASCII && MathSymbols.kinds(of: scalar) == nil && scalar.properties.isAlphabetic
        }
    }

    static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}

// Commands.
extension MathTokenizer {
    private mutating func readCommand() -> Bool {
        guard let next = peek(1) else { return false }
        if next == "\\" {
            // A doubled backslash before letters is one backslash that was escaped twice.
            if !hasEnvironment, let letter = peek(2), Self.isLetter(letter) {
                place += 1
                return readCommand()
            }
            place += 2
            emit(.newRow)
            return true
        }
        guard ("a"..."z").contains(next) || ("A"..."Z").contains(next) else {
            place += 2
            switch next {
            case ",", "!", ";", ":", " ", "\n", ">": isSpaced = isSpaced || next != "!"
            case "{":
                depth += 1
                emit(.command(.openSet))
            case "}":
                depth -= 1
                emit(.command(.closeSet))
            case "%", "$", "&", "_", "#": emit(.symbol(next))
            case "(", ")", "[", "]": break
            default: return false
            }
            return true
        }
        let start = place + 1
        place = start
        while let scalar = peek(), ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) { place += 1 }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text[start..<place])
        return readCommand(named: String(view))
    }

    private mutating func readCommand(named name: String) -> Bool {
        if MathCommand.ignored.contains(name) {
            // The invisible delimiter of `\left.`.
            if name.hasSuffix("left") || name.hasSuffix("right"), peek() == "." { place += 1 }
            return true
        }
        if MathCommand.worded.contains(name) { return readWords() }
        switch name {
        case "begin", "end":
            guard let inside = argument() else { return false }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: inside)
            emit(name == "begin" ? .begin(String(view)) : .end(String(view)))
            return true
        case "mathbb", "Bbb":
            let inside = argument() ?? [place < text.count ? text[place] : " "]
            guard inside == ["R"] else { return false }
            emit(.command(.reals))
            return true
        case "cr":
            emit(.newRow)
            return true
        default:
            guard let command = MathCommand.named(name) else { return false }
            switch command {
            case .openSet: depth += 1
            case .closeSet: depth -= 1
            default: break
            }
            emit(.command(command))
            return true
        }
    }

    /// The content of the next pair of balanced braces; nil, with nothing consumed, without them.
    private mutating func argument() -> [Unicode.Scalar]? {
        var index = place
        while index < text.count, text[index] == " " { index += 1 }
        guard index < text.count, text[index] == "{" else { return nil }
        let start = index + 1
        var open = 0
        while index < text.count {
            if text[index] == "{" { open += 1 }
            if text[index] == "}" { open -= 1 }
            if open == 0 {
                place = index + 1
                return Array(text[start..<index])
            }
            index += 1
        }
        return nil
    }

    /// The argument of `\text` and similar commands: mathematics if it is a number or contains one, otherwise words.
    private mutating func readWords() -> Bool {
        guard let inside = argument() else { return true }
        let trimmed = MathSymbols.trimmed(inside)
        guard !trimmed.isEmpty else {
            isSpaced = true
            return true
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: trimmed)
        let words = String(view)
        if let function = MathFunction.byName[words] {
            emit(.command(.function(function)))
        } else if trimmed.contains(where: Self.isDigit)
            || trimmed.contains(where: { "\\$%{".unicodeScalars.contains($0) }),
            !(trimmed.first.map(Self.isLetter) ?? false)
        {
            guard let inner = MathTokenizer.tokens(of: Array(trimmed)) else { return false }
            isSpaced = true
            tokens.append(contentsOf: inner)
        } else {
            emit(.text(words))
        }
        return true
    }
}

// Numbers.
extension MathTokenizer {
    private mutating func readNumber() {
        var digits: [UInt8] = []
        var places = 0
        var hasPoint = false
        let canGroup = peek() != "0"
        while let scalar = peek(), Self.isDigit(scalar) { append(scalar, to: &digits) }
        if canGroup, (1...3).contains(digits.count) { readGroups(&digits) }
        if peek() == ".", pointContinues {
            hasPoint = true
            place += 1
            while let scalar = peek(), Self.isDigit(scalar) {
                append(scalar, to: &digits)
                places += 1
            }
        }
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

    /// Whether digits or a repeating period follow the point.
    private var pointContinues: Bool {
        guard let next = peek(1) else { return false }
        return Self.isDigit(next) || (next == "\\" && peek(2) == "o" && peek(3) == "v")
    }

    /// Groups of three digits after separators: `,`, `{,}`, `\,`, `\!`, `,\!`, a thin or a plain space.
    private mutating func readGroups(_ digits: inout [UInt8]) {
        while let length = separatorLength() {
            let start = place + length
            guard start + 3 <= text.count, text[start..<(start + 3)].allSatisfy(Self.isDigit),
                start + 3 == text.count || !Self.isDigit(text[start + 3])
            else { return }
            place = start
            for _ in 0..<3 { append(text[place], to: &digits) }
        }
    }

    private func separatorLength() -> Int? {
        func stands(_ mark: String) -> Int? {
            let scalars = Array(mark.unicodeScalars)
            guard place + scalars.count <= text.count,
                text[place..<(place + scalars.count)].elementsEqual(scalars)
            else { return nil }
            return scalars.count
        }
        switch peek() {
        case ",":
            if let length = stands(",\\! ") ?? stands(",\\!") ?? stands("{,}") { return length }
            return depth > 0 ? nil : 1
        case "{": return stands("{,}")
        case "\\": return stands("\\,") ?? stands("\\!")
        case " ", "\u{A0}", "\u{2009}", "\u{202F}": return depth > 0 ? nil : 1
        default: return nil
        }
    }

    /// `e-3` directly after digits, when no letter follows and it is within ±400.
    private mutating func readExponent() -> Int? {
        guard let letter = peek(), letter == "e" || letter == "E" else { return nil }
        var index = place + 1
        let isNegative = index < text.count && (text[index] == "-" || text[index] == "\u{2212}")
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
