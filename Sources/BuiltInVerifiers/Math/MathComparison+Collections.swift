import Reasoning

// Lists, tuples, sets and intervals.
extension MathComparison {
    /// Order matters in a tuple and in an answer to one; it does not in a list or a set.
    ///
    /// `(1, 2)` is a point or an open interval, so it is right where `1, 2` is expected, and the reverse. `[1, 2]` is an interval.
    mutating func collections(_ expected: MathExpression, _ answer: MathExpression) -> Verdict {
        switch (expected, answer) {
        case (.tuple(let left, let leftStart, let leftEnd), .tuple(let right, let rightStart, let rightEnd)):
            guard left.count == right.count else { return .wrong }
            guard left.count != 2 || (leftStart == rightStart && leftEnd == rightEnd) else { return .wrong }
            return all(left, right)
        case (.tuple(let left, let start, let end), .list(let right)),
            (.tuple(let left, let start, let end), .set(let right)):
            guard left.count != 2 || (start && end) else { return .wrong }
            return all(left, right)
        case (.list(let left), .tuple(let right, let start, let end)),
            (.set(let left), .tuple(let right, let start, let end)):
            guard right.count != 2 || (start && end) else { return .wrong }
            return members(left, right)
        case (.list(let left), .list(let right)), (.set(let left), .set(let right)),
            (.list(let left), .set(let right)), (.set(let left), .list(let right)):
            return members(left, right)
        case (.union(let left), .union(let right)), (.intersection(let left), .intersection(let right)):
            return matched(left, right)
        case (.difference(let left, let leftOut), .difference(let right, let rightOut)):
            return all([left, leftOut], [right, rightOut])
        // A set can be written as a difference, a union or an intersection of others.
        case (.difference, _), (_, .difference), (.intersection, _), (_, .intersection): return .undecided
        default: return .wrong
        }
    }

    /// Compared without order and repetition, except that values for several names come in the order of the names.
    private mutating func members(_ expected: [MathExpression], _ answer: [MathExpression]) -> Verdict {
        if let verdict = sequences(expected, answer) { return verdict }
        if Self.namesSeveral(expected) != Self.namesSeveral(answer) { return all(expected, answer) }
        let result = matched(expected, answer)
        guard result == .wrong else { return result }
        let (left, right) = (Self.unique(expected), Self.unique(answer))
        guard left.count < expected.count || right.count < answer.count else { return result }
        return matched(left, right)
    }

    /// `x = 1, y = 2`, but not `x = 1, x = 2`.
    private static func namesSeveral(_ members: [MathExpression]) -> Bool {
        var names: Set<MathExpression> = []
        for member in members {
            guard case .relation(let sides, let kinds) = member, assigned(sides, kinds) != nil else {
                return false
            }
            names.insert(sides[0])
        }
        return names.count > 1
    }

    private static func unique(_ members: [MathExpression]) -> [MathExpression] {
        var seen: Set<MathExpression> = []
        return members.filter { seen.insert($0).inserted }
    }
}
