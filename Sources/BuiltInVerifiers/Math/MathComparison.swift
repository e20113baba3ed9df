import Reasoning

/// Says whether an answer is mathematically what was expected.
///
/// The comparison is not symmetric: the expectation says what kind of thing is asked for. If `x = 5` is expected, `5` is right;
/// if `2x + 1 = 5` is expected, `5` is wrong.
struct MathComparison {
    /// Steps that may still be taken, about thirty nanoseconds each.
    var budget = MathComparison.budget
    let foldsCase: Bool
    /// Whether the nouns behind numbers matter, as they do in `3 red, 2 blue`.
    var comparesNouns = false

    static let budget = 100_000
    /// The most members of a list that is compared without regard to order.
    static let memberLimit = 64

    /// - Parameter budget: the steps that it may take; `undecided` when they do not suffice.
    static func verdict(
        expected: MathExpression, answer: MathExpression, budget: Int = MathComparison.budget
    ) -> Verdict {
        let foldsCase = canFoldCase(expected) && canFoldCase(answer)
        var comparison = MathComparison(budget: budget, foldsCase: foldsCase)
        var verdict = comparison.verdict(expected, answer)
        if verdict != .correct {
            let isRenamed = renamed(answer, for: expected).contains {
                comparison.verdict(expected, $0) == .correct
            }
            if isRenamed { verdict = .correct }
        }
        return comparison.budget > 0 ? verdict : .undecided
    }

    /// No letter occurs in both cases.
    private static func canFoldCase(_ expression: MathExpression) -> Bool {
        var names: Set<String> = []
        collect(from: expression, into: &names)
        return Set(names.map { $0.lowercased() }).count == names.count
    }

    private static func collect(from expression: MathExpression, into names: inout Set<String>) {
        if case .variable(let name) = expression { names.insert(name) }
        for part in expression.parts { collect(from: part, into: &names) }
    }

    mutating func verdict(_ expected: MathExpression, _ answer: MathExpression) -> Verdict {
        budget -= 4
        guard budget > 0 else { return .undecided }
        if expected == answer { return Self.hasValue(expected) ? .correct : .undecided }
        if let verdict = choices(expected, answer) ?? roundedForms(expected, answer) { return verdict }
        let (expected, answer) = aligned(expected, answer)
        guard let expected, let answer else { return .undecided }
        if expected == answer { return Self.hasValue(expected) ? .correct : .undecided }
        return literals(expected, answer) ?? congruences(expected, answer) ?? realSets(expected, answer)
            ?? vectors(expected, answer) ?? kinds(expected, answer)
    }

    /// By the kinds of both, which decide what counts as equal.
    private mutating func kinds(_ expected: MathExpression, _ answer: MathExpression) -> Verdict {
        switch (expected.simplest, answer.simplest) {
        case (.relation(let left, let leftKinds), .relation(let right, let rightKinds)):
            return relations(left, leftKinds, right, rightKinds)
        case (.relation, _), (_, .relation): return .wrong
        case (.text(let words), .set([])), (.set([]), .text(let words)):
            return AnswerWords(words).deniesSolutions ? .correct : .wrong
        case (.text(let words), let other), (let other, .text(let words)):
            return other.spelled == words ? .correct : .wrong
        case (.matrix(let left), .matrix(let right)):
            guard left.count == right.count, left[0].count == right[0].count else { return .wrong }
            return all(left.flatMap(\.self), right.flatMap(\.self))
        case (.matrix, _), (_, .matrix): return .wrong
        case (.ratio(let left), .ratio(let right)) where left.count > 2 || right.count > 2:
            return ratios(left, right)
        case (let left, let right):
            if left.isCollection || right.isCollection { return collections(left, right) }
            return scalars(left, right)
        }
    }

    /// Of `x = 1/3 ≈ 0.33` either value may be the one that is expected.
    private mutating func roundedForms(_ expected: MathExpression, _ answer: MathExpression) -> Verdict? {
        let (left, right) = (expected.exactForms, answer.exactForms)
        guard left != [expected] || right != [answer] else { return nil }
        var result = Verdict.wrong
        for expected in left {
            for answer in right {
                let verdict = verdict(expected, answer)
                if verdict == .correct { return verdict }
                if verdict == .undecided { result = verdict }
            }
        }
        return result
    }

    /// `1/0` is not right even where `1/0` is expected.
    private static func hasValue(_ expression: MathExpression) -> Bool {
        !expression.contains {
            if case .quotient(_, .number(let below)) = $0 { return below.digits.isEmpty }
            return false
        }
    }

    /// Right when each member is right, in this order.
    mutating func all(_ expected: [MathExpression], _ answer: [MathExpression]) -> Verdict {
        guard expected.count == answer.count else { return .wrong }
        var result = Verdict.correct
        for (expected, answer) in zip(expected, answer) {
            let verdict = verdict(expected, answer)
            if verdict == .wrong { return verdict }
            if verdict != .correct { result = verdict }
        }
        return result
    }

    /// Right when the members can be paired with those of the other side.
    mutating func matched(_ expected: [MathExpression], _ answer: [MathExpression]) -> Verdict {
        guard expected.count == answer.count else { return .wrong }
        guard expected.count <= Self.memberLimit else {
            return expected == answer ? .correct : .undecided
        }
        let comparedNouns = comparesNouns
        comparesNouns = true
        defer { comparesNouns = comparedNouns }
        var rest = answer
        var isUndecided = false
        for member in expected {
            var found: Int?
            for (index, candidate) in rest.enumerated() {
                let verdict = verdict(member, candidate)
                isUndecided = isUndecided || verdict == .undecided
                guard verdict == .correct else { continue }
                found = index
                break
            }
            guard let found else { return isUndecided ? .undecided : .wrong }
            rest.remove(at: found)
        }
        return .correct
    }
}

extension MathExpression {
    var isCollection: Bool {
        switch self {
        case .tuple, .set, .list, .union, .intersection, .difference, .constant(.reals): true
        default: false
        }
    }

    /// The same meaning in a simpler form: a single member stands for itself, `±a` is two numbers, `ℝ` is an interval.
    var simplest: MathExpression {
        switch self {
        case .set(let members) where members.count == 1 && members[0].isCollection: return self
        case .list(let members) where members.count == 1, .set(let members) where members.count == 1:
            return members[0].simplest
        case .list(let members): return .list(members.flatMap(\.alternatives))
        case .set(let members): return .set(members.flatMap(\.alternatives))
        case .constant(.reals):
            let end = MathExpression.constant(.infinity)
            return .tuple([.negative(end), end], opensAtStart: true, opensAtEnd: true)
        case .union(let parts):
            var members: [MathExpression] = []
            for part in parts {
                guard case .set(let more) = part else { return self }
                members += more
            }
            return .set(members)
        case .product(let factors): return Self.product(ofMatrices: factors) ?? withAlternatives
        case .sum(let terms): return Self.sum(ofMatrices: terms) ?? withAlternatives
        case .negative(.matrix(let rows)): return .matrix(rows.map { $0.map { .negative($0) } })
        case .tuple, .relation, .matrix, .text, .intersection, .difference: return self
        default: return withAlternatives
        }
    }

    private var withAlternatives: MathExpression {
        let both = alternatives
        return both.count == 1 ? self : .list(both)
    }

    /// The two expressions that an expression with `±` means, or the expression alone.
    var alternatives: [MathExpression] {
        let hasBoth = contains {
            if case .plusMinus = $0 { return true }
            return false
        }
        return hasBoth ? [choosing(isNegative: false), choosing(isNegative: true)] : [self]
    }

    private func choosing(isNegative: Bool) -> MathExpression {
        let chosen = mapParts { $0.choosing(isNegative: isNegative) }
        if case .plusMinus(let part, let isInverted) = chosen {
            return isNegative != isInverted ? .negative(part) : part
        }
        return chosen
    }

    /// Letters side by side as one word, such as `B` for `\text{B}`; nil for anything else.
    var spelled: String? {
        switch self {
        case .text(let words): words
        case .variable(let name): MathText.normalised(name)
        case .constant(.e): "e"
        case .constant(.imaginaryUnit): "i"
        case .product(let factors):
            factors.reduce("" as String?) { word, factor in
                // `i v` is a product, `IV` a numeral.
                guard let word, factor != .constant(.imaginaryUnit), let letter = factor.spelled,
                    letter.utf8.count == 1
                else { return nil }
                return word + letter
            }
        default: nil
        }
    }
}
