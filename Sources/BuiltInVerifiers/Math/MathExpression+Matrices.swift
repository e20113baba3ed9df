// Sums and products of matrices.
extension MathExpression {
    /// The most members of a matrix that is computed.
    private static let memberLimit = 36

    /// Numbers times matrices; nil unless there is a matrix among the factors, and all of them fit.
    static func product(ofMatrices factors: [MathExpression]) -> MathExpression? {
        var scale: [MathExpression] = []
        var product: [[MathExpression]]?
        for factor in factors {
            if case .matrix(let rows) = factor {
                guard let left = product else {
                    product = rows
                    continue
                }
                guard left[0].count == rows.count, left.count * rows[0].count <= memberLimit else {
                    return nil
                }
                product = left.map { row in
                    rows[0].indices.map { column in
                        .sum(row.indices.map { .product([row[$0], rows[$0][column]]) })
                    }
                }
            } else if factor.isScalar {
                scale.append(factor)
            } else {
                return nil
            }
        }
        guard let product else { return nil }
        return .matrix(scale.isEmpty ? product : product.map { $0.map { .product(scale + [$0]) } })
    }

    /// The sum of matrices of one shape; nil for anything else.
    static func sum(ofMatrices terms: [MathExpression]) -> MathExpression? {
        var sum: [[MathExpression]]?
        for term in terms {
            guard case .matrix(let rows) = term.simplest else { return nil }
            guard let left = sum else {
                sum = rows
                continue
            }
            guard left.count == rows.count, left[0].count == rows[0].count else { return nil }
            sum = zip(left, rows).map { zip($0, $1).map { .sum([$0, $1]) } }
        }
        return sum.map { .matrix($0) }
    }
}
