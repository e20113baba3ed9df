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
    static func isConjunction(_ word: String) -> Bool {
        word == "and" || word == "or" || word == "AND" || word == "OR"
    }

    /// The standard name of a unit: `meters` is `m`, `dollars` is `$`; nil for a word that is not a known unit.
    static func unit(_ word: String) -> String? {
        if let unit = units[word] { return unit }
        let lower = word.lowercased()
        if let unit = units[lower] { return unit }
        if lower.hasSuffix("es"), let unit = units[String(lower.dropLast(2))] { return unit }
        return lower.hasSuffix("s") ? units[String(lower.dropLast())] : nil
    }

    private static let units: [String: String] = {
        let spellings: [String: String] = [
            "m": "meter metre", "cm": "centimeter centimetre", "mm": "millimeter millimetre",
            "km": "kilometer kilometre", "dm": "", "in": "inch", "ft": "foot feet", "yd": "yard",
            "mi": "mile", "g": "gram gm", "kg": "kilogram", "mg": "milligram", "lb": "pound lbs",
            "oz": "ounce", "ton": "tonne", "l": "liter litre", "ml": "milliliter millilitre mL",
            "gal": "gallon", "sec": "second", "min": "minute", "hr": "hour", "day": "", "week": "",
            "month": "", "yr": "year", "mph": "", "kmh": "kmph", "$": "dollar usd bucks", "¢": "cent",
            "€": "euro eur", "£": "gbp", "deg": "degree", "rad": "radian", "unit": "", "sq": "square",
            "cu": "cubic", "hz": "hertz", "pct": "percent percentage", "rs": "rupee", "acre": "",
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
