import Reasoning

// Equations, inequalities and assignments such as `x = 5`.
extension MathComparison {
    /// Both in the form of the expectation: an assignment becomes its value where the other is a value.
    ///
    /// nil when they cannot be brought into one form.
    mutating func aligned(
        _ expected: MathExpression, _ answer: MathExpression
    ) -> (expected: MathExpression?, answer: MathExpression?) {
        switch (expected, answer) {
        case (.relation(let left, let leftKinds), .relation(let right, let rightKinds)):
            // `x ∈ S` says no more than S.
            if leftKinds == [.element] && rightKinds == [.element] { return (left[1], right[1]) }
            return (expected, answer)
        case (.relation(let sides, let kinds), _):
            if kinds == [.element] { return (sides[1], answer) }
            return (Self.assigned(sides, kinds) ?? expected, answer)
        case (_, .relation(let sides, let kinds)):
            if kinds == [.element] { return (expected, sides[1]) }
            guard kinds.allSatisfy({ $0 == .equal }) else { return (expected, answer) }
            guard isConsistent(sides) else { return (expected, nil) }
            return (expected, Self.assigned(sides, kinds) ?? Self.computed(sides) ?? answer)
        case (_, _): return (expected, answer)
        }
    }

    /// The last side of `x = … = value`, where the first names what is asked for.
    static func assigned(
        _ sides: [MathExpression], _ kinds: [MathExpression.Relation]
    ) -> MathExpression? {
        guard kinds.allSatisfy({ $0 == .equal }), let first = sides.first, first.isName || first.namesQuantity
        else { return nil }
        return sides.last
    }

    /// The result of an equation that shows a computation or the value of an expression: `2 + 3 = 5`, `5 = x`, `m + n = 5`.
    private static func computed(_ sides: [MathExpression]) -> MathExpression? {
        guard let first = sides.first, let last = sides.last else { return nil }
        if !first.hasVariables { return last.isName ? first : last }
        if first.spelled != nil { return last }
        // `2x = 10` is an equation to be solved; with several letters a value of the left side is given.
        guard first.isScalar, !last.hasVariables else { return nil }
        let hasFunction = first.contains { if case .opaque = $0 { true } else { false } }
        return hasFunction || first.variables.count > 1 ? last : nil
    }

    /// Whether the sides without letters are equal, or nearly so, as a rounded result is.
    private mutating func isConsistent(_ sides: [MathExpression]) -> Bool {
        let numbers = sides.filter { $0.isScalar && !$0.hasVariables }
        guard numbers.count > 1, let last = numbers.last else { return true }
        return numbers.dropLast().allSatisfy { isNear($0, last) }
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
        if leftFirst.namesQuantity, leftFirst.bareName == rightFirst.bareName {
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
    func isSame(_ left: MathExpression, _ right: MathExpression) -> Bool {
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
    /// The relation with a rounded value behind `≈` left out, and with only that value; itself without one.
    var exactForms: [MathExpression] {
        guard case .relation(let sides, let kinds) = self, let rounded = kinds.firstIndex(of: .approximate),
            let first = sides.first, let last = sides.last
        else { return [self] }
        let short = MathExpression.relation([first, last], [.equal])
        guard rounded > 0 else { return [short] }
        return [.relation(Array(sides[...rounded]), Array(kinds[..<rounded])), short]
    }

    /// The names of its variables and undefined functions.
    var variables: Set<String> {
        switch self {
        case .variable(let name): [name]
        case .opaque(let name, let parts): parts.reduce(into: [name]) { $0.formUnion($1.variables) }
        default: parts.reduce(into: []) { $0.formUnion($1.variables) }
        }
    }

    /// The length of a segment by the names of its ends, however it is marked.
    fileprivate var bareName: MathExpression {
        switch self {
        case .opaque("overline", let parts), .function(.absolute, let parts):
            parts.count == 1 ? parts[0] : self
        default: self
        }
    }

    /// What has a value of its own, such as `f(2)`, `|AB|`, `AB`, `tan θ`, `A:B` and `NO/BO`.
    var namesQuantity: Bool {
        switch self {
        case .opaque: true
        case .function(let function, let arguments):
            function != .squareRoot && arguments.contains(where: \.hasVariables)
        case .power(.function(let function, let arguments), .number):
            MathExpression.function(function, arguments).namesQuantity
        case .ratio(let parts): parts.allSatisfy { $0.isName || $0.namesQuantity }
        case .quotient(let above, let below): above.namesQuantity && below.namesQuantity
        case .product(let factors):
            factors.allSatisfy {
                if case .variable(let name) = $0 { name.first?.isUppercase ?? false } else { false }
            }
        default: false
        }
    }

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
