/// The words that mathematical text may contain.
enum MathText {
    static let greekLetters: Set<String> = [
        "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
        "nu", "xi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta",
        "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega",
    ]

    /// Words without case, punctuation and repeated space: `(B).` becomes `b`.
    static func normalised(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var isSpacePending = false
        for scalar in text.lowercased().unicodeScalars {
            if scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) {
                if isSpacePending, !result.isEmpty { result.append(" ") }
                isSpacePending = false
                result.append(scalar)
            } else if scalar != "'" && scalar != "\u{2019}" {
                isSpacePending = true
            }
        }
        return String(result)
    }

    /// Whether a word separates answers as a comma does.
    static func isConjunction(_ word: String) -> Bool { conjunctions.contains(word) }

    private static let conjunctions: Set<String> = [
        "and", "or", "AND", "OR", "und", "oder", "et", "ou", "\u{438}", "\u{438}\u{43B}\u{438}",
    ]

    /// Whether a word in a formula is a product of letters, such as `xyz` and `abcd`, and no word of a language.
    static func isProductOfLetters(_ word: String) -> Bool {
        let letters = Array(word.utf8)
        guard (3...6).contains(letters.count), letters.allSatisfy({ (97...122).contains($0) }),
            !short.contains(word)
        else {
            return false
        }
        // Letters in the order of the alphabet and near each other, or no vowel.
        return zip(letters, letters.dropFirst()).allSatisfy { $0 < $1 && $1 - $0 <= 3 }
            || !letters.contains { "aeiou".utf8.contains($0) }
    }

    /// Words without a vowel, or like a run of the alphabet.
    private static let short: Set<String> = ["cry", "dry", "fly", "shy", "sky", "spy", "try", "why", "ace"]

    /// The number that a word multiplies by: 1000 for `thousand`.
    static func scale(_ word: String) -> Int? { scales[word.lowercased()] }

    private static let scales = [
        "dozen": 12, "hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000,
        "trillion": 1_000_000_000_000,
    ]

    /// The standard name of a unit: `meters` is `m`, `dollars` is `$`; nil for a word that is not a known unit.
    static func unit(_ word: String) -> String? {
        if let unit = units[word] { return unit }
        // One letter in another case is another unit: K and k, M and m.
        guard word.utf8.count > 1 else { return nil }
        let lower = word.lowercased()
        if let unit = units[lower] { return unit }
        if lower.hasSuffix("es"), let unit = units[String(lower.dropLast(2))] { return unit }
        return lower.hasSuffix("s") ? units[String(lower.dropLast())] : nil
    }

    private static let units: [String: String] = {
        let spellings: [String: String] = [
            "m": "meter metre", "cm": "centimeter centimetre", "mm": "millimeter millimetre",
            "km": "kilometer kilometre", "dm": "", "in": "inch", "ft": "foot feet", "yd": "yard",
            "mi": "mile mi.", "g": "gram gm", "kg": "kilogram", "mg": "milligram", "lb": "pound lbs",
            "oz": "ounce", "ton": "tonne", "l": "liter litre L", "ml": "milliliter millilitre mL",
            "gal": "gallon", "sec": "second s", "min": "minute", "hr": "hour h", "day": "", "week": "",
            "month": "", "yr": "year", "mph": "", "kmh": "kmph", "$": "dollar usd bucks", "¢": "cent",
            "€": "euro eur", "£": "gbp", "deg": "degree", "rad": "radian", "unit": "", "sq": "square",
            "cu": "cubic", "hz": "hertz", "pct": "percent percentage", "rs": "rupee \u{20B9}",
            "\u{A5}": "yen jpy", "\u{B0}C": "celsius", "\u{B0}F": "fahrenheit",
            "K": "kelvin", "cal": "calorie", "kcal": "", "acre": "",
            "quart": "qt", "pint": "", "cup": "", "ordinal": "th st nd rd",
        ]
        var units: [String: String] = [:]
        for (name, others) in spellings {
            units[name] = name
            for other in others.split(separator: " ") { units[String(other)] = name }
        }
        return units
    }()

    /// Letters that are units when they follow a number.
    static let unitLetters: Set<String> = ["m", "s", "g", "h", "L", "l", "J", "N", "W", "V", "K"]
}
