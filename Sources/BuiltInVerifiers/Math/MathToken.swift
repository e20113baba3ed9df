/// A token of mathematical text: plain, Unicode or LaTeX.
///
///     1,234 + \frac{x}{2}     number(1234) symbol(+) command(frac) symbol({) word(x) symbol(}) …
struct MathToken: Hashable {
    enum Kind: Hashable {
        /// Digits with at most one decimal point; separators between thousands are gone.
        case number(MathNumber)
        /// A run of letters, as in `x`, `cos` or `hours`.
        case word(String)
        /// The content of `\text{…}` or a similar command.
        case text(String)
        case command(MathCommand)
        /// A command without a meaning here; it may stand in the name of what is asked for.
        case unknown(String)
        case begin(String)
        case end(String)
        /// A single character, as ASCII if an ASCII character means the same.
        case symbol(Unicode.Scalar)
        /// The end of a matrix row.
        case newRow

        /// Whether it can be part of the name of what is asked for.
        var isName: Bool {
            switch self {
            case .text(let word), .word(let word): !ProseWords.doubting.contains(word.lowercased())
            case .unknown, .command(.letter), .command(.function), .command(.bar), .command(.overline): true
            default: false
            }
        }

        /// Whether it separates answers of which each is one.
        var isOr: Bool {
            switch self {
            case .word(let word), .text(let word):
                ["or", "oder", "ou", "\u{438}\u{43B}\u{438}"].contains(word.lowercased())
            default: false
            }
        }
    }

    var kind: Kind
    /// Whether white space stands before it.
    var isSpaced: Bool
}

/// The meaning of a LaTeX command; commands for typesetting are dropped.
enum MathCommand: Hashable {
    case fraction, root, binomial, choose
    case times, over, plusMinus, minusPlus
    case less, lessOrEqual, greater, greaterOrEqual, notEqual, approximately, element, congruent, modulo
    case union, intersection, difference
    case infinity, pi, degree, emptySet, reals, dots
    case openSet, closeSet, openFloor, closeFloor, openCeiling, closeCeiling, openAngle, closeAngle, bar
    case overline
    case function(MathFunction)
    case letter(String)

    /// The command with this name, given without the backslash; nil for an unknown name.
    static func named(_ name: String) -> MathCommand? { table[name] }

    private static let table: [String: MathCommand] = {
        var table: [String: MathCommand] = [
            "frac": .fraction, "dfrac": .fraction, "tfrac": .fraction, "cfrac": .fraction, "sqrt": .root,
            "binom": .binomial, "dbinom": .binomial, "tbinom": .binomial, "choose": .choose,
            "times": .times, "cdot": .times, "ast": .times, "bullet": .times, "div": .over,
            "pm": .plusMinus, "mp": .minusPlus,
            "lt": .less, "gt": .greater, "le": .lessOrEqual, "leq": .lessOrEqual, "leqslant": .lessOrEqual,
            "leqq": .lessOrEqual, "ge": .greaterOrEqual, "geq": .greaterOrEqual,
            "geqslant": .greaterOrEqual, "geqq": .greaterOrEqual, "ne": .notEqual, "neq": .notEqual,
            "approx": .approximately, "sim": .approximately, "simeq": .approximately,
            "doteq": .approximately, "in": .element,
            "equiv": .congruent, "pmod": .modulo, "bmod": .modulo, "mod": .modulo,
            "cup": .union, "cap": .intersection, "setminus": .difference, "backslash": .difference,
            "infty": .infinity, "pi": .pi, "circ": .degree, "degree": .degree, "emptyset": .emptySet,
            "varnothing": .emptySet, "ldots": .dots, "dots": .dots, "cdots": .dots, "lbrace": .openSet,
            "rbrace": .closeSet, "lfloor": .openFloor, "rfloor": .closeFloor, "lceil": .openCeiling,
            "rceil": .closeCeiling, "langle": .openAngle, "rangle": .closeAngle, "lvert": .bar,
            "rvert": .bar, "vert": .bar, "mid": .bar, "overline": .overline, "bar": .overline,
            "dot": .overline,
        ]
        for function in MathFunction.allCases where function != .squareRoot {
            for name in function.names { table[name] = .function(function) }
        }
        for name in MathText.greekLetters { table[name] = .letter(name) }
        for (name, letter) in [
            "varepsilon": "epsilon", "vartheta": "theta", "varphi": "phi", "ell": "l",
            "imath": "i", "jmath": "j", "varrho": "rho", "hbar": "hbar",
        ] { table[name] = .letter(letter) }
        return table
    }()

    /// Commands for typesetting, which carry no meaning.
    static let ignored: Set<String> = [
        "left", "right", "mleft", "mright", "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl",
        "Bigr", "biggl", "biggr", "Biggl", "Biggr", "displaystyle", "textstyle", "scriptstyle", "limits",
        "nolimits", "quad", "qquad", "boxed", "fbox", "thinspace", "medspace", "thickspace", "negthinspace",
        "enspace", "hfill", "mathstrut", "strut", "nobreak", "allowbreak", "rm", "it", "mathsmaller",
        "tiny", "small", "normalsize", "large", "Large", "LARGE", "huge", "Huge", "sf", "tt", "mathit",
        "mathsf", "mathcal", "underline", "mathtt", "framebox", "square", "blacksquare", "cancel",
    ]

    /// Commands whose first argument is a colour, a length or a label, which carries no meaning.
    static let decorating: Set<String> = [
        "color", "textcolor", "colorbox", "hspace", "vspace", "phantom", "hphantom", "label", "tag",
    ]

    /// Commands that lead to an answer and mean nothing before it.
    static let leading: Set<String> = [
        "Rightarrow", "implies", "therefore", "to", "rightarrow", "Longrightarrow",
    ]

    /// Commands that mark vectors or make letters bold.
    static let bold: Set<String> = ["mathbf", "boldsymbol", "bm", "vec", "pmb", "hat", "bf"]

    /// Commands whose argument consists of words.
    static let worded: Set<String> = [
        "text", "textbf", "textit", "textrm", "textnormal", "textup", "texttt", "mathrm", "mbox", "hbox",
        "operatorname", "textsf", "emph",
    ]
}

/// The functions that can be computed.
enum MathFunction: Hashable, CaseIterable {
    case sine, cosine, tangent, cotangent, secant, cosecant
    case arcSine, arcCosine, arcTangent
    case hyperbolicSine, hyperbolicCosine, hyperbolicTangent
    case naturalLogarithm, logarithm, exponential, squareRoot
    case absolute, floor, ceiling, factorial, binomial, maximum, minimum, greatestCommonDivisor
    case leastCommonMultiple

    /// The names in LaTeX and in plain text.
    var names: [String] {
        switch self {
        case .sine: ["sin"]
        case .cosine: ["cos"]
        case .tangent: ["tan", "tg"]
        case .cotangent: ["cot", "ctg"]
        case .secant: ["sec"]
        case .cosecant: ["csc", "cosec"]
        case .arcSine: ["arcsin", "asin"]
        case .arcCosine: ["arccos", "acos"]
        case .arcTangent: ["arctan", "atan"]
        case .hyperbolicSine: ["sinh"]
        case .hyperbolicCosine: ["cosh"]
        case .hyperbolicTangent: ["tanh"]
        case .naturalLogarithm: ["ln"]
        case .logarithm: ["log", "lg"]
        case .exponential: ["exp"]
        case .squareRoot: ["sqrt"]
        case .absolute: ["abs"]
        case .floor: ["floor"]
        case .ceiling: ["ceil"]
        case .factorial: ["factorial"]
        case .binomial: ["nCr"]
        case .maximum: ["max"]
        case .minimum: ["min"]
        case .greatestCommonDivisor: ["gcd"]
        case .leastCommonMultiple: ["lcm"]
        }
    }

    /// The inverse function, which `f^{-1}` means.
    var inverse: MathFunction? {
        switch self {
        case .sine: .arcSine
        case .cosine: .arcCosine
        case .tangent: .arcTangent
        default: nil
        }
    }

    /// Whether its argument is an angle, which may be given in degrees.
    var takesAngle: Bool {
        switch self {
        case .sine, .cosine, .tangent, .cotangent, .secant, .cosecant: true
        default: false
        }
    }

    static let byName: [String: MathFunction] = {
        var table: [String: MathFunction] = [:]
        for function in allCases { for name in function.names { table[name] = function } }
        return table
    }()
}
