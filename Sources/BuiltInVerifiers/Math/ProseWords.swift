/// The words around mathematics that change what it says.
enum ProseWords {
    /// Words that are signs and operators.
    static let spelled: [String: String] = [
        "minus": "-", "negative": "-", "plus": "+", "times": "\\times", "percent": "\\%", "squared": "^2",
        "cubed": "^3", "factorial": "!", "equals": "=", "divided": "\\div",
    ]

    /// What comes after one of these is not the answer, or only one of several.
    static let doubting: Set<String> = [
        "not", "isn't", "never", "than", "except", "without", "maybe", "perhaps", "possibly", "probably",
        "unlike", "least", "most", "nor", "neither", "wrong", "incorrect", "instead", "guess",
    ]

    /// After `or`, they say that what came before is only a bound.
    static let comparing: Set<String> = [
        "more", "less", "fewer", "greater", "higher", "lower", "above", "below",
    ]

    /// After `is`, they say that what came before is not the answer.
    static let denying: Set<String> = [
        "wrong", "incorrect", "not", "false", "impossible", "excluded", "rejected", "extraneous", "never",
    ]

    /// Parts and functions: `half of 48` is not 48.
    static let parts: Set<String> = [
        "half", "third", "thirds", "quarter", "quarters", "fourth", "fourths", "fifth", "fifths", "root",
        "square", "cube", "logarithm", "log", "factorial", "percent", "multiple", "power", "powers",
        "inverse",
        "reciprocal", "negative", "opposite", "multiples", "divisor", "divisors", "factor", "factors", "most",
        "twice", "double", "percentage", "sine", "cosine", "tangent", "tenth", "tenths",
    ]

    /// What they stand before is only an operand.
    static let operating: Set<String> = ["over", "root", "modulo", "base", "twice", "double", "triple"]

    /// Whether a word after mathematics belongs to it: a unit, a scale, or an operator in words.
    static func continues(_ word: String) -> Bool {
        MathText.unit(word) != nil && word != "in" || MathText.scale(word) != nil
            || ["mod", "base", "am", "pm", "a.m", "p.m", "per", "half", "dozen"].contains(word)
    }
}
