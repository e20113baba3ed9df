import Reasoning

// Equations, inequalities and assignments such as `x = 5`.
extension MathComparison {
    /// Both in the form of the expectation: an assignment becomes its value where the other is a value.
    ///
    /// nil when they cannot be brought into one form.
    func aligned(
        _ expected: MathExpression, _ answer: MathExpression
    ) -> (expected: MathExpression?, answer: MathExpression?) {
        switch (expected, answer) {
        case (.relation(let left, let leftKinds), .relation(let right, let rightKinds)):
            // `x ∈ S` says no more than S.
            let (isLeftMember, isRightMember) = (leftKinds == [.element], rightKinds == [.element])
            if isLeftMember && isRightMember { return (left[1], right[1]) }
            if isRightMember, let set = Self.solutions(left, leftKinds) { return (set, right[1]) }
            if isLeftMember, Self.solutions(right, rightKinds) != nil { return (left[1], nil) }
            return (expected, answer)
        case (.relation(let sides, let kinds), _):
            if kinds == [.element] { return (sides[1], answer) }
            if let value = Self.assigned(sides, kinds) { return (value, answer) }
            if answer.simplest.isCollection, let set = Self.solutions(sides, kinds) { return (set, answer) }
            return (expected, answer)
        case (_, .relation(let sides, let kinds)):
            if kinds == [.element] { return (expected, sides[1]) }
            if let value = Self.assigned(sides, kinds) ?? Self.computed(sides, kinds) {
                return (expected, value)
            }
            // An inequality and the set that it describes are different answers.
            if expected.simplest.isCollection, Self.solutions(sides, kinds) != nil { return (expected, nil) }
            return (expected, answer)
        case (_, _): return (expected, answer)
        }
    }

    /// The last side of `x = … = value`.
    static func assigned(
        _ sides: [MathExpression], _ kinds: [MathExpression.Relation]
    ) -> MathExpression? {
        guard kinds.allSatisfy({ $0 == .equal }), let first = sides.first, first.isName else { return nil }
        return sides.last
    }

    /// The result of an equation that shows a computation: `2 + 3 = 5`, `5 = x`, `xy = 6`.
    private static func computed(
        _ sides: [MathExpression], _ kinds: [MathExpression.Relation]
    ) -> MathExpression? {
        guard kinds.allSatisfy({ $0 == .equal }), let first = sides.first, let last = sides.last else {
            return nil
        }
        if !first.hasVariables { return last.isName ? first : last }
        return first.spelled != nil ? last : nil
    }

    /// The interval of the numbers for which an inequality such as `1 < x ≤ 2` holds.
    private static func solutions(
        _ sides: [MathExpression], _ kinds: [MathExpression.Relation]
    ) -> MathExpression? {
        var (sides, kinds) = (sides, kinds)
        if kinds.contains(.greater) || kinds.contains(.greaterOrEqual) {
            (sides, kinds) = (sides.reversed(), kinds.reversed().map(\.flipped))
        }
        guard kinds.allSatisfy({ $0 == .less || $0 == .lessOrEqual }) else { return nil }
        let infinity = MathExpression.constant(.infinity)
        func interval(
            _ start: MathExpression, _ opensAtStart: Bool, _ end: MathExpression, _ opensAtEnd: Bool
        )
            -> MathExpression?
        {
            guard !start.hasVariables, !end.hasVariables else { return nil }
            return .tuple([start, end], opensAtStart: opensAtStart, opensAtEnd: opensAtEnd)
        }
        switch (sides.count, sides.first?.isName ?? false) {
        case (2, true): return interval(.negative(infinity), true, sides[1], kinds[0] == .less)
        case (2, false) where sides[1].isName: return interval(sides[0], kinds[0] == .less, infinity, true)
        case (3, false) where sides[1].isName:
            return interval(sides[0], kinds[0] == .less, sides[2], kinds[1] == .less)
        default: return nil
        }
    }

    mutating func relations(
        _ left: [MathExpression], _ leftKinds: [MathExpression.Relation],
        _ right: [MathExpression], _ rightKinds: [MathExpression.Relation]
    ) -> Verdict {
        let isLeftEquation = leftKinds.allSatisfy { $0 == .equal }
        guard isLeftEquation == rightKinds.allSatisfy({ $0 == .equal }) else { return .wrong }
        return isLeftEquation ? equations(left, right) : inequalities(left, leftKinds, right, rightKinds)
    }

    private mutating func equations(_ left: [MathExpression], _ right: [MathExpression]) -> Verdict {
        guard let leftFirst = left.first, let leftLast = left.last, let rightFirst = right.first,
            let rightLast = right.last
        else { return .undecided }
        if leftFirst.isName, rightFirst.isName, isSame(leftFirst, rightFirst) {
            return verdict(leftLast, rightLast)
        }
        if leftLast.isName, rightFirst.isName, isSame(leftLast, rightFirst), left.count == 2 {
            return verdict(leftFirst, rightLast)
        }
        if leftFirst.isName, rightLast.isName, isSame(leftFirst, rightLast), right.count == 2 {
            return verdict(leftLast, rightFirst)
        }
        guard left.count == 2, right.count == 2 else {
            // A chain that defines nothing: its sides are compared one by one.
            return left.count == right.count ? all(left, right) : .undecided
        }
        guard (left + right).allSatisfy(\.isScalar) else { return all(left, right) }
        return proportional(
            .sum([left[0], .negative(left[1])]), .sum([right[0], .negative(right[1])]))
    }

    /// Whether two names are the same, ignoring case if case carries no meaning.
    private func isSame(_ left: MathExpression, _ right: MathExpression) -> Bool {
        if left == right { return true }
        guard foldsCase, case .variable(let first) = left, case .variable(let second) = right else {
            return false
        }
        return first.lowercased() == second.lowercased()
    }

    private mutating func inequalities(
        _ left: [MathExpression], _ leftKinds: [MathExpression.Relation],
        _ right: [MathExpression], _ rightKinds: [MathExpression.Relation]
    ) -> Verdict {
        guard left.count == right.count, (left + right).allSatisfy(\.isScalar) else { return .wrong }
        let reversed = rightKinds.reversed().map(\.flipped)
        var results: [Verdict] = []
        for (sides, kinds) in [(right, rightKinds), (right.reversed(), reversed)] where kinds == leftKinds {
            results.append(
                left.count == 2
                    ? verdict(
                        .sum([left[0], .negative(left[1])]), .sum([sides[0], .negative(sides[1])]))
                    : all(left, sides))
        }
        if results.contains(.correct) { return .correct }
        if results.contains(.undecided) { return .undecided }
        guard left.count == 2 else { return .wrong }
        // `2x < 10` means the same as `x < 5`, but it is not solved.
        let isMultiple = proportional(
            .sum([left[0], .negative(left[1])]), .sum([right[0], .negative(right[1])]))
        guard isMultiple == .correct else { return isMultiple }
        if leftKinds == [.notEqual] && rightKinds == [.notEqual] { return .correct }
        return Set(leftKinds).isDisjoint(with: [.less, .greater])
            == Set(rightKinds).isDisjoint(with: [.less, .greater]) ? .undecided : .wrong
    }
}

extension MathExpression {
    /// What may stand before `=` in an assignment: `x`, `f(x)`, `P(x)`, `(x, y)`, words.
    var isName: Bool {
        switch self {
        case .variable, .text: true
        case .opaque(let name, let arguments): name != "overline" && arguments.allSatisfy(\.isName)
        case .tuple(let members, _, _): members.allSatisfy(\.isName)
        case .product(let factors):
            // `P(x)` reads as a product, and `xy = 6` is an equation.
            if factors.count == 2, case .variable(let name) = factors[0], case .variable = factors[1] {
                name != name.lowercased()
            } else {
                false
            }
        default: false
        }
    }
}
