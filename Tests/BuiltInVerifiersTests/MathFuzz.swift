import Reasoning

/// Texts that look like mathematics, mutated ones, and bytes.
struct MathFuzz {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed, stream: .training, index: 0) }

    private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

    mutating func number() -> Int { Int.random(in: -1_000_000...1_000_000, using: &random) }

    mutating func text() -> String {
        switch below(10) {
        case 0: return String(decoding: (0..<below(60)).map { _ in UInt8(below(256)) }, as: UTF8.self)
        case 1: return (0..<below(80)).map { _ in Self.pieces[below(Self.pieces.count)] }.joined()
        case 2...4: return mutated(expression(depth: 5))
        case 5: return "It is so: " + expression(depth: 3) + ". \\boxed{" + expression(depth: 4) + "}"
        case 6:
            return (0..<below(300)).map { _ in expression(depth: 1) }.joined(
                separator: ["+", ",", "\\cdot "][below(3)])
        default: return expression(depth: 6)
        }
    }

    private mutating func mutated(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for _ in 0..<(1 + below(4)) where !bytes.isEmpty {
            let index = below(bytes.count)
            switch below(4) {
            case 0: bytes.remove(at: index)
            case 1: bytes[index] = UInt8(below(256))
            case 2: bytes.insert(contentsOf: Array(Self.pieces[below(Self.pieces.count)].utf8), at: index)
            default: bytes += bytes[index...].prefix(40)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func expression(depth: Int) -> String {
        guard depth > 0 else {
            switch below(4) {
            case 0: return "\(below(12))"
            case 1: return "\(below(100_000))"
            case 2: return "0.\(below(1000))"
            default: return Self.atoms[below(Self.atoms.count)]
            }
        }
        let a = expression(depth: depth - 1 - below(2) * (depth > 1 ? 1 : 0))
        let b = expression(depth: below(depth))
        return Self.forms[below(Self.forms.count)].replacing("A", with: a).replacing("B", with: b)
    }

    private static let atoms = ["x", "y", "n", "\\pi", "e", "i", "10", "2"]

    private static let forms = [
        "A+B", "A-B", "A\\cdot B", "\\frac{A}{B}", "(A)^{B}", "\\sqrt{A}", "\\sqrt[3]{A}", "A!",
        "\\binom{A}{B}",
        "\\sin(A)", "\\log_{A}(B)", "|A|", "(A,B)", "[A,B)", "\\{A,B\\}", "A=B", "A<B", "A\\pm B", "A\\%",
        "A\\text{ cm}", "\\begin{pmatrix}A&B\\\\B&A\\end{pmatrix}", "\\lfloor A\\rfloor", "A^B", "AB", "f(A)",
        "A\\cup B", "x_{A}", "A,B", "$A$ or $B$",
    ]

    private static let pieces = [
        "\\frac", "{", "}", "(", ")", "[", "]", "\\left", "\\right", "^", "_", "1", "9", "0", ".", ",", "x",
        "\\sqrt",
        "\\boxed{", "####", "answer is", "$", "\\(", "\\)", "\\[", "\\]", "%", "\\%", "!", "|", "\\{", "\\}",
        "=",
        "<", "\\le", "\\pm", "\\text{", "cm", " ", "\n", "\\\\", "&", "\\begin{pmatrix}", "\\end{pmatrix}",
        "\\infty",
        "\u{2212}", "½", "√", "π", "²", "and", "or", "e9", "999999999999999999999", "\\overline{", "'", ":",
        "/", "*",
        "\\sin", "\\log_", "\\binom", "f(", "\\cup", "\\in", "\\mathbb{R}", "\u{301}", "한", "\\", "\\choose",
    ]
}
