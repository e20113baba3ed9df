import Reasoning

// Families of solutions, whose parameters may have any name, and sequences with dots.
extension MathComparison {
    /// The most parameters that are given other names.
    private static let parameterLimit = 3

    /// The answer with its own parameters named as in the expectation, in every order; none when the names are not free.
    ///
    /// Parameters are constants of integration such as `C_1`, and letters that a condition such as `k ∈ ℤ` declares.
    static func renamed(_ answer: MathExpression, for expected: MathExpression) -> [MathExpression] {
        let (left, right) = (expected.variables, answer.variables)
        let (wanted, given) = (left.subtracting(right).sorted(), right.subtracting(left).sorted())
        guard wanted.count == given.count, (1...parameterLimit).contains(wanted.count) else { return [] }
        let (declared, declaredToo) = (expected.declared, answer.declared)
        let areDeclared =
            wanted.allSatisfy { declared.contains($0) } && given.allSatisfy { declaredToo.contains($0) }
        let areConstants =
            expected.mayHaveConstants && !left.isDisjoint(with: right)
            && wanted.allSatisfy(isConstantOfIntegration) && given.allSatisfy(isFreeLetter)
        guard areDeclared || areConstants, expected.leftName.map({ !wanted.contains($0) }) ?? true else {
            return []
        }
        return permutations(of: wanted).map { names in
            answer.renamed(Dictionary(uniqueKeysWithValues: zip(given, names)))
        }
    }

    private static func isConstantOfIntegration(_ name: String) -> Bool {
        name == "C" || name.hasPrefix("C_") || name.hasPrefix("c_")
    }

    private static func isFreeLetter(_ name: String) -> Bool {
        name.prefix { $0 != "_" }.count == 1 && !["x", "y", "z", "t"].contains(name)
    }

    private static func permutations(of names: [String]) -> [[String]] {
        guard let first = names.first else { return [[]] }
        return permutations(of: Array(names.dropFirst())).flatMap { rest in
            (0...rest.count).map { Array(rest[..<$0]) + [first] + Array(rest[$0...]) }
        }
    }

    /// Sequences such as `1, 2, …, n`: the same first terms, step and end; nil when one of them has no dots.
    mutating func sequences(_ expected: [MathExpression], _ answer: [MathExpression]) -> Verdict? {
        guard let left = expected.firstIndex(of: .dots), let right = answer.firstIndex(of: .dots) else {
            return nil
        }
        let count = min(left, right)
        guard count > 1 || left == right else { return .undecided }
        let result = all(
            Array(expected[..<count] + expected[(left + 1)...]),
            Array(answer[..<count] + answer[(right + 1)...]))
        guard result == .correct, left != right else { return result }
        let longer = left > right ? expected : answer
        let step = MathExpression.sum([longer[1], .negative(longer[0])])
        for index in count..<max(left, right) {
            let verdict = verdict(.sum([longer[index - 1], step]), longer[index])
            if verdict != .correct { return verdict }
        }
        return .correct
    }
}

extension MathExpression {
    static let dots = MathExpression.variable("\u{2026}")

    /// The names that a condition such as `k ∈ ℤ` declares.
    fileprivate var declared: Set<String> {
        switch self {
        case .relation(let sides, let kinds) where kinds.last == .element:
            if case .variable(let name) = sides[sides.count - 2] { [name] } else { [] }
        default: parts.reduce(into: []) { $0.formUnion($1.declared) }
        }
    }

    /// A sum, or an equation: what a constant of integration occurs in.
    fileprivate var mayHaveConstants: Bool {
        switch self {
        case .sum: true
        case .relation(_, let kinds): kinds.allSatisfy { $0 == .equal }
        default: false
        }
    }

    /// The name before the first equals sign.
    fileprivate var leftName: String? {
        guard case .relation(let sides, _) = self, case .variable(let name)? = sides.first else { return nil }
        return name
    }

    fileprivate func renamed(_ names: [String: String]) -> MathExpression {
        if case .variable(let name) = self { return .variable(names[name] ?? name) }
        return mapParts { $0.renamed(names) }
    }
}
