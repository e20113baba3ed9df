/// The questions and the rule that TRL is measured with, over a vocabulary of padding, end and printable ASCII.
enum BenchmarkText {
    static let endToken = 1
    private static let first = 2
    private static let characters = 95

    /// `17+25+38=?`, another for each index.
    static func prompt(_ index: Int) -> [Int32] {
        "\(index % 97)+\(index % 89)+\(index % 83)=?".utf8.map { Int32($0) - 32 + Int32(first) }
    }

    /// 1 for a seven, and a hundredth for each different character: no two samples of a group are alike for long.
    static func reward(_ tokens: [Int32]) -> Double {
        let text = tokens.filter { $0 >= Int32(first) }.map { (Int($0) - first) % characters + 32 }
        return (text.contains(0x37) ? 1 : 0) + 0.01 * Double(Set(text).count)
    }
}
