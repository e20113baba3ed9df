import Foundation
import Testing
import Torch

@Suite struct DrawRuleTests {
    /// 40 logits in no order, with a tie.
    private let logits: [Float] = (0..<40).map { Float(($0 * 17) % 40) / 8 - 2 } + [2.875]

    private var size: Int { logits.count }

    /// The distribution that a rule leaves, worked out the long way.
    private func expected(_ rule: DrawRule) -> [Double] {
        let allowed = rule.allowed.map { Set($0.map(Int.init)) }
        var order = logits.indices.filter { allowed?.contains($0) ?? true }
            .sorted { logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1 }
        if let topK = rule.topK { order = Array(order.prefix(topK)) }
        func normalised(_ ids: [Int]) -> [(id: Int, share: Double)] {
            let weights = ids.map { exp(Double(logits[$0]) / rule.temperature) }
            let total = weights.reduce(0, +)
            return zip(ids, weights).map { ($0, $1 / total) }
        }
        var kept: [Int] = []
        var mass = 0.0
        for (id, share) in normalised(order) where mass < rule.topP {
            kept.append(id)
            mass += share
        }
        var shares = [Double](repeating: 0, count: size)
        for (id, share) in normalised(rule.topP < 1 ? kept : order) { shares[id] = share }
        return shares
    }

    static let rules = [
        DrawRule(),
        DrawRule(temperature: 0.5),
        DrawRule(temperature: 2.5),
        DrawRule(topK: 1),
        DrawRule(topK: 7),
        DrawRule(topP: 0.9),
        DrawRule(temperature: 1.7, topP: 0.35),
        DrawRule(temperature: 0.8, topK: 20, topP: 0.8),
        DrawRule(allowed: [30, 2, 9, 9, 17, 40]),
        DrawRule(temperature: 3, allowed: Array(5..<35), topK: 12, topP: 0.7),
        DrawRule(topK: 1000),
        DrawRule(topP: 1e-6),
    ]

    @Test(arguments: rules)
    func `tokens come as often as the rule's distribution says, and their log-probabilities are its`(
        rule: DrawRule
    ) throws {
        let count = 20_000
        let uniforms = (0..<count).map { (Double($0) + 0.5) / Double(count) }
        let draws = try rule.draw(
            from: logits, vocabulary: size, places: [Int](repeating: 0, count: count), uniforms: uniforms)
        let shares = expected(rule)
        for token in logits.indices {
            let share = Double(draws.count { Int($0.token) == token }) / Double(count)
            #expect(abs(share - shares[token]) < 2 / Double(count), "token \(token)")
        }
        for draw in Set(draws) {
            #expect(abs(Double(draw.logProbability) - log(shares[Int(draw.token)])) < 1e-5)
        }
    }

    @Test(arguments: rules)
    func `a token that the rule leaves out has probability 0`(rule: DrawRule) throws {
        let tokens = (0..<size).map(Int32.init)
        let scores = try rule.score(
            tokens, under: tokens.flatMap { _ in logits }, vocabulary: size)
        for (score, share) in zip(scores, expected(rule)) {
            #expect(share == 0 ? score == -.infinity : abs(Double(score) - log(share)) < 1e-5)
        }
    }

    @Test func `a large vocabulary's nucleus is found without sorting it all`() throws {
        let logits = (0..<50_000).map { Float(($0 * 7919) % 50_000) / 50_000 }
        let rule = DrawRule(topP: 0.02)
        let scores = try rule.score(
            [Int32(logits.firstIndex(of: 49_999 / 50_000) ?? 0)], under: logits, vocabulary: 50_000)
        let sorted = logits.map { exp(Double($0)) }.sorted(by: >)
        let total = sorted.reduce(0, +)
        var (mass, kept) = (0.0, 0.0)
        for weight in sorted where mass < 0.02 * total {
            mass += weight
            kept = mass
        }
        #expect(abs(Double(scores[0]) - log(exp(Double(49_999.0 / 50_000)) / kept)) < 1e-3)
    }

    @Test func `temperature 0 takes the likeliest, the first of equals`() throws {
        let draws = try DrawRule(temperature: 0).draw(
            from: logits, vocabulary: size, places: [0, 0], uniforms: [0, 0.999])
        let likeliest = Int32(try #require(logits.firstIndex(of: logits.max() ?? 0)))
        #expect(Set(draws.map { $0.token }) == [likeliest])
    }

    @Test func `what cannot be drawn from is refused`() throws {
        for (rule, logits) in [
            (DrawRule(allowed: [41]), logits), (DrawRule(topP: 0), logits),
            (DrawRule(temperature: -1), logits),
            (DrawRule(), [Float](repeating: .nan, count: 41)),
        ] {
            #expect(throws: TorchError.self) {
                try rule.draw(from: logits, vocabulary: 41, places: [0], uniforms: [0.5])
            }
        }
        #expect(throws: TorchError.self) {
            try DrawRule().draw(from: logits, vocabulary: 41, places: [1], uniforms: [0.5])
        }
    }
}
