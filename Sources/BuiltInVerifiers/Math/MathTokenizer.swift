/// Cuts mathematical text into tokens; gives nil for text that is too long or contains a character without a meaning.
///
/// Reads every character once, in order.
struct MathTokenizer {
    let text: [Unicode.Scalar]
    var place = 0
    private var tokens: [MathToken] = []
    private var isSpaced = false
    /// The count of open brackets; inside brackets a comma between digits separates members.
    var depth = 0
    private let hasEnvironment: Bool
    let commas: Commas

    /// What a comma between digits means.
    enum Commas {
        /// It separates thousands where the digits form groups: `1,234`; otherwise members.
        case thousands
        /// It separates members: `100,200`.
        case members
        /// It is the decimal point: `2,75`.
        case point
    }

    /// The most characters and tokens of a text that is read.
    static let lengthLimit = 2000
    static let tokenLimit = 1000

    static func tokens(of text: [Unicode.Scalar], commas: Commas = .thousands) -> [MathToken]? {
        guard text.count <= lengthLimit else { return nil }
        var tokenizer = MathTokenizer(text, commas)
        while tokenizer.place < tokenizer.text.count {
            guard tokenizer.readNext(), tokenizer.tokens.count <= tokenLimit else { return nil }
        }
        return tokenizer.tokens
    }

    private init(_ text: [Unicode.Scalar], _ commas: Commas) {
        self.text = text
        self.commas = commas
        let begin = Array("\\begin".unicodeScalars)
        hasEnvironment =
            text.count > begin.count
            && text.indices.contains { text[$0] == "\\" && text[$0...].starts(with: begin) }
        tokens.reserveCapacity(min(text.count, 64))
    }

    mutating func emit(_ kind: MathToken.Kind) {
        tokens.append(MathToken(kind: kind, isSpaced: isSpaced))
        isSpaced = false
    }

    func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        let index = place + offset
        return index < text.count ? text[index] : nil
    }

    private mutating func readNext() -> Bool {
        let scalar = text[place]
        switch scalar {
        case "~" where peek(1) == "=": command(.approximately, length: 2)
        case " ", "\t", "\n", "\r", "~":
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
        if MathSymbols.superscripts[scalar] != nil {
            readSuperscript()
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

    /// `10⁻³` is `10^{-3}`.
    private mutating func readSuperscript() {
        var raised: [Unicode.Scalar] = []
        while let scalar = peek(), let plain = MathSymbols.superscripts[scalar] {
            raised.append(plain)
            place += 1
        }
        emit(.symbol("^"))
        emit(.symbol("{"))
        tokens += MathTokenizer.tokens(of: raised) ?? []
        emit(.symbol("}"))
    }

    private mutating func readWord() {
        let start = place
        while let scalar = peek(), Self.isLetter(scalar) { place += 1 }
        let word = String(text[start..<place])
        emit(word == "mod" ? .command(.modulo) : .word(word))
    }

    static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
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
            skipRowSpacing()
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

    /// The distance to the next row, as in `\\[4pt]`.
    private mutating func skipRowSpacing() {
        guard peek() == "[", let end = text[place...].prefix(12).firstIndex(of: "]") else { return }
        let inside = text[(place + 1)..<end]
        guard inside.first.map(Self.isDigit) ?? false, inside.suffix(2).allSatisfy(Self.isLetter) else {
            return
        }
        place = end + 1
    }

    private mutating func readCommand(named name: String) -> Bool {
        if MathCommand.ignored.contains(name) {
            // The invisible delimiter of `\left.`.
            if name.hasSuffix("left") || name.hasSuffix("right"), peek() == "." { place += 1 }
            return true
        }
        if MathCommand.worded.contains(name) { return readWords() }
        if MathCommand.decorating.contains(name) {
            _ = argument()
            return true
        }
        if MathCommand.bold.contains(name) {
            readBold()
            return true
        }
        switch name {
        case "begin", "end":
            guard let inside = argument() else { return false }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: inside)
            emit(name == "begin" ? .begin(String(view)) : .end(String(view)))
            return true
        case "mathbb", "Bbb":
            let hasBraces = argument()
            if hasBraces == nil, place < text.count { place += 1 }
            let inside = hasBraces ?? [text[place - 1]]
            emit(inside == ["R"] ? .command(.reals) : .command(.letter("set " + String(inside))))
            return true
        case "textminus":
            emit(.symbol("-"))
            return true
        case "lor", "vee", "land", "wedge":
            emit(.text(name.hasPrefix("l") && name.hasSuffix("r") || name == "vee" ? "or" : "and"))
            return true
        case "cr":
            emit(.newRow)
            return true
        default:
            // As in `\quadx`.
            if let space = ["qquad", "quad"].first(where: { name.hasPrefix($0) }) {
                place -= name.count - space.count
                isSpaced = true
                return true
            }
            if tokens.isEmpty, MathCommand.leading.contains(name) { return true }
            guard let command = MathCommand.named(name) else {
                emit(.unknown(name))
                return true
            }
            switch command {
            case .openSet: depth += 1
            case .closeSet: depth -= 1
            default: break
            }
            emit(.command(command))
            return true
        }
    }

    /// `\mathbf{i}` and `\hat{j}` are unit vectors; other letters and numbers keep their meaning in bold.
    private mutating func readBold() {
        let start = place
        let inside = argument() ?? []
        if inside.count == 1, let letter = inside.first, ["i", "j", "k"].contains(letter) {
            emit(.command(.letter("unit " + String(Character(letter)))))
        } else {
            place = start
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
        // `\text{Answer: }` only announces what follows.
        guard !trimmed.isEmpty, trimmed.last != ":" else {
            isSpaced = true
            return true
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: trimmed)
        let words = String(view)
        if let function = MathFunction.byName[words] {
            emit(.command(.function(function)))
        } else if trimmed.count == 1, MathSymbols.kinds(of: trimmed[0]) != nil,
            let inner = MathTokenizer.tokens(of: trimmed)
        {
            tokens += inner
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
