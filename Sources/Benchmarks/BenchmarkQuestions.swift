import Tokenization

/// The questions and the reward rule that TRL is measured with, too.
package struct BenchmarkQuestions {
    /// The model's tokenizer; nil for a vocabulary of padding, end and printable ASCII, one token a character.
    let tokenizer: Tokenizer?

    package static let endToken = 1
    private static let first = 2
    private static let characters = 95

    /// A question such as `17+25+38=?`, different for each index.
    func prompt(_ index: Int) throws -> [Int32] {
        let text = "\(index % 97)+\(index % 89)+\(index % 83)=?"
        return try tokenizer?.encode(text) ?? text.utf8.map { Int32($0) - 32 + Int32(Self.first) }
    }

    /// 1 for a seven, and 0.01 for each distinct character, so that the rewards of a group differ.
    func reward(_ tokens: [Int32]) throws -> Double {
        if let tokenizer {
            let text = try tokenizer.decode(tokens[...])
            return (text.contains("7") ? 1 : 0) + 0.01 * Double(Set(text).count)
        }
        let text = tokens.filter { $0 >= Int32(Self.first) }.map {
            (Int($0) - Self.first) % Self.characters + 32
        }
        return (text.contains(0x37) ? 1 : 0) + 0.01 * Double(Set(text).count)
    }
}
