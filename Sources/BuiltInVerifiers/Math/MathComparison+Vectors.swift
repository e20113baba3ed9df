import Reasoning

// Vectors: tuples, columns, rows, and sums of unit vectors.
extension MathComparison {
    /// nil when none of both is a vector that is written in another form than the other.
    mutating func vectors(_ expected: MathExpression, _ answer: MathExpression) -> Verdict? {
        guard let count = expected.componentCount ?? answer.componentCount,
            expected.vector(count) != nil || answer.vector(count) != nil
        else { return nil }
        guard let left = expected.vector(count) ?? expected.tupleMembers,
            let right = answer.vector(count) ?? answer.tupleMembers
        else { return nil }
        // A row is no column.
        if case .matrix(let rows) = expected, case .matrix(let others) = answer, rows.count != others.count {
            return .wrong
        }
        return all(left, right)
    }
}

extension MathExpression {
    /// The members of a point, a bracketed pair or a list.
    fileprivate var tupleMembers: [MathExpression]? {
        switch self {
        case .tuple(let members, let start, let end): start == end ? members : nil
        default: nil
        }
    }

    /// The count of components, where it is known.
    fileprivate var componentCount: Int? {
        if let members = tupleMembers { return members.count }
        if case .matrix(let rows) = self { return max(rows.count, rows[0].count) }
        guard hasUnitVectors else { return nil }
        return variables.contains("unit k") || variables.contains("k") ? 3 : 2
    }

    fileprivate var hasUnitVectors: Bool {
        !variables.isDisjoint(with: ["unit i", "unit j", "unit k"])
            || (hasImaginaryUnit && !variables.isEmpty && variables.isSubset(of: ["j", "k"]))
    }

    /// The components of a column, a row or a sum of unit vectors; nil for anything else.
    fileprivate func vector(_ count: Int) -> [MathExpression]? {
        if case .matrix(let rows) = self {
            if rows[0].count == 1 { return rows.map { $0[0] } }
            return rows.count == 1 ? rows[0] : nil
        }
        guard hasUnitVectors, isScalar, (2...3).contains(count) else { return nil }
        return ["i", "j", "k"].prefix(count).map { choosing(unit: $0) }
    }

    /// The expression with one unit vector in place of 1 and the others in place of 0.
    private func choosing(unit: String) -> MathExpression {
        switch self {
        case .variable(let name) where ["i", "j", "k"].contains(name.suffix(1)):
            name.hasSuffix(unit) ? .one : .zero
        case .constant(.imaginaryUnit): unit == "i" ? .one : .zero
        default: mapParts { $0.choosing(unit: unit) }
        }
    }
}
