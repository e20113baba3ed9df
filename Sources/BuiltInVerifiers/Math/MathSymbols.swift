/// The Unicode characters of mathematics, and the delimiters around mathematical text.
enum MathSymbols {
    /// The meaning of a character beyond ASCII; nil for a character without one.
    static func kinds(of scalar: Unicode.Scalar) -> [MathToken.Kind]? { table[scalar] }

    private static let table: [Unicode.Scalar: [MathToken.Kind]] = {
        var table: [Unicode.Scalar: [MathToken.Kind]] = [
            "\u{2212}": [.symbol("-")], "\u{2013}": [.symbol("-")], "\u{2010}": [.symbol("-")],
            "\u{2011}": [.symbol("-")], "\u{FF0D}": [.symbol("-")],
            "×": [.command(.times)], "·": [.command(.times)], "⋅": [.command(.times)],
            "∙": [.command(.times)], "∗": [.command(.times)], "÷": [.command(.over)],
            "∕": [.symbol("/")], "⁄": [.symbol("/")], "±": [.command(.plusMinus)],
            "∓": [.command(.minusPlus)], "≤": [.command(.lessOrEqual)], "⩽": [.command(.lessOrEqual)],
            "≥": [.command(.greaterOrEqual)], "⩾": [.command(.greaterOrEqual)],
            "≠": [.command(.notEqual)], "≈": [.command(.approximately)], "∈": [.command(.element)],
            "∪": [.command(.union)], "∩": [.command(.intersection)], "∖": [.command(.difference)],
            "∞": [.command(.infinity)], "π": [.command(.pi)], "𝜋": [.command(.pi)],
            "√": [.command(.root)], "°": [.command(.degree)], "∘": [.command(.degree)],
            "º": [.command(.degree)], "∅": [.command(.emptySet)], "ℝ": [.command(.reals)],
            "…": [.command(.dots)], "⌊": [.command(.openFloor)], "⌋": [.command(.closeFloor)],
            "⌈": [.command(.openCeiling)], "⌉": [.command(.closeCeiling)],
            "∛": [.unknown("cube root")], "∜": [.unknown("fourth root")], "≡": [.command(.congruent)],
            "∨": [.text("or")], "∧": [.text("and")], "ℤ": [.command(.letter("set Z"))],
            "ℕ": [.command(.letter("set N"))], "ℚ": [.command(.letter("set Q"))],
            "ℂ": [.command(.letter("set C"))], "→": [.unknown("to")], "⇒": [.unknown("implies")],
            "∠": [.unknown("angle")], "△": [.unknown("triangle")],
            "⟨": [.command(.openAngle)], "⟩": [.command(.closeAngle)],
            "€": [.symbol("€")], "£": [.symbol("£")], "¥": [.symbol("¥")], "₹": [.symbol("₹")],
            "¢": [.word("cents")], "％": [.symbol("%")], "，": [.symbol(",")], "：": [.symbol(":")],
            "（": [.symbol("(")], "）": [.symbol(")")], "＝": [.symbol("=")],
        ]
        let greek =
            "αalpha βbeta γgamma δdelta εepsilon ϵepsilon ζzeta ηeta θtheta ιiota κkappa λlambda μmu νnu "
            + "ξxi ρrho σsigma τtau υupsilon φphi ϕphi χchi ψpsi ωomega ΓGamma ΔDelta ΘTheta ΛLambda ΞXi ΠPi "
            + "ΣSigma ΦPhi ΨPsi ΩOmega"
        for pair in greek.split(separator: " ") {
            guard let letter = pair.unicodeScalars.first else { continue }
            table[letter] = [.command(.letter(String(pair.dropFirst())))]
        }
        let fractions = "½12 ⅓13 ⅔23 ¼14 ¾34 ⅕15 ⅖25 ⅗35 ⅘45 ⅙16 ⅚56 ⅐17 ⅛18 ⅜38 ⅝58 ⅞78 ⅑19"
        for entry in fractions.split(separator: " ") {
            let scalars = Array(entry.unicodeScalars)
            let parts = scalars.dropFirst().map {
                MathToken.Kind.number(MathNumber(Int($0.value) - 48))
            }
            table[scalars[0]] = [
                .command(.fraction), .symbol("{"), parts[0], .symbol("}"), .symbol("{"), parts[1],
                .symbol("}"),
            ]
        }
        for (value, scalar) in "₀₁₂₃₄₅₆₇₈₉".unicodeScalars.enumerated() {
            table[scalar] = [.symbol("_"), .number(MathNumber(value))]
        }
        return table
    }()

    /// Raised digits, signs and letters.
    static let superscripts: [Unicode.Scalar: Unicode.Scalar] = Dictionary(
        uniqueKeysWithValues: zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ".unicodeScalars, "0123456789-+n".unicodeScalars))

    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || (scalar.value <= 13 && scalar.value >= 9) || scalar == "\u{A0}"
    }

    static func trimmed(_ text: some BidirectionalCollection<Unicode.Scalar>) -> [Unicode.Scalar] {
        var rest = Array(text)[...]
        while let first = rest.first, isSpace(first) { rest.removeFirst() }
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return Array(rest)
    }

    /// A list of quoted members, as programs print it, as a tuple: `['1', '2']` becomes `(1, 2)`.
    static func withoutQuotes(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard text.first == "[", text.last == "]", text.count > 2, text[1] == "'" || text[1] == "\"" else {
            return text
        }
        return ["("] + text.dropFirst().dropLast().filter { $0 != "'" && $0 != "\"" } + [")"]
    }

    /// Pairs of delimiters that may enclose a whole answer without being part of it.
    private static let wrappings: [([Unicode.Scalar], [Unicode.Scalar])] = [
        ("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"), ("__", "__"), ("`", "`"),
        ("\"", "\""), ("\u{201C}", "\u{201D}"),
    ].map { (Array($0.unicodeScalars), Array($1.unicodeScalars)) }

    /// The text without surrounding white space, final punctuation, and delimiters such as `$…$` and `**…**`.
    static func unwrapped(_ text: some BidirectionalCollection<Unicode.Scalar>) -> [Unicode.Scalar] {
        var rest = trimmed(text)[...]
        for _ in 0..<8 {
            let before = rest.count
            while let last = rest.last, isSpace(last) || ".;,".unicodeScalars.contains(last),
                !rest.dropLast().hasSuffix("\\"), !rest.hasSuffix("...")
            { rest.removeLast() }
            while let first = rest.first, isSpace(first) || first == ":" { rest.removeFirst() }
            for (open, close) in wrappings
            where rest.count > open.count + close.count && rest.starts(with: open)
                && rest.suffix(close.count).elementsEqual(close)
            {
                let inside = rest.dropFirst(open.count).dropLast(close.count)
                // `$5 and $6` and `"a" or "b"` are not one text in delimiters.
                if inside.firstRange(of: close) == nil { rest = inside }
                break
            }
            if rest.count == before { break }
        }
        return Array(rest)
    }
}

extension ArraySlice<Unicode.Scalar> {
    fileprivate func hasSuffix(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        return suffix(scalars.count).elementsEqual(scalars)
    }
}
