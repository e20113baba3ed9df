/// Mathematical text as a tree.
///
///     (x, y) = (1, \frac{1}{2})    relation([tuple(x, y), tuple(1, quotient(1, 2))], [equal])
///
/// Sums and products are flat, so only nested text makes a nested tree, and no tree is deeper than `MathParser.depthLimit`
/// allows.
indirect enum MathExpression: Hashable, Sendable {
    case number(MathNumber)
    case constant(Constant)
    case variable(String)
    case sum([MathExpression])
    case negative(MathExpression)
    case product([MathExpression])
    case quotient(MathExpression, MathExpression)
    case power(MathExpression, MathExpression)
    case root(MathExpression, degree: Int)
    case function(MathFunction, [MathExpression])
    /// An undefined function such as `f(x)`, or a mark over letters such as `\overline{AB}`.
    case opaque(String, [MathExpression])
    /// `± a`, or `∓ a` when inverted.
    case plusMinus(MathExpression, isInverted: Bool)
    case percent(MathExpression)
    case degrees(MathExpression)
    /// `101_2` and `3a_16`: digits without leading zeros, letters in lower case.
    case based(String, base: String)
    /// `3:2` and `3:4:5`.
    case ratio([MathExpression])
    /// `x ≡ 3 (mod 7)`; the name is `x`.
    case congruence(name: MathExpression?, MathExpression, modulus: MathExpression)
    case quantity(MathExpression, unit: MathUnit)
    /// A time of day, date or score, which is no arithmetic.
    case literal(MathLiteral)
    /// An answer behind the letter of a choice: `(C) 12`.
    case choice(String, MathExpression)

    /// Words that are the answer, such as `\text{Monday}`, normalised by `MathText.normalised`.
    case text(String)
    /// The members of parentheses or brackets; two members may also be an interval.
    case tuple([MathExpression], opensAtStart: Bool, opensAtEnd: Bool)
    case set([MathExpression])
    /// Members separated by commas, `and` or `or`.
    case list([MathExpression])
    case union([MathExpression])
    case intersection([MathExpression])
    case difference(MathExpression, MathExpression)
    case matrix([[MathExpression]])
    case relation([MathExpression], [Relation])

    enum Constant: Hashable, Sendable { case pi, e, imaginaryUnit, infinity, reals }

    enum Relation: Hashable, Sendable {
        case equal, approximate, notEqual, less, lessOrEqual, greater, greaterOrEqual, element, congruent

        var flipped: Relation {
            switch self {
            case .less: .greater
            case .lessOrEqual: .greaterOrEqual
            case .greater: .less
            case .greaterOrEqual: .lessOrEqual
            case .equal, .approximate, .notEqual, .element, .congruent: self
            }
        }
    }

    static let zero = MathExpression.number(MathNumber(0))
    static let one = MathExpression.number(MathNumber(1))
    static func integer(_ value: Int) -> MathExpression {
        value < 0 ? .negative(.number(MathNumber(value))) : .number(MathNumber(value))
    }
}

extension MathExpression {
    /// Its direct parts.
    var parts: [MathExpression] {
        switch self {
        case .number, .constant, .variable, .based, .text, .literal: []
        case .sum(let parts), .product(let parts), .function(_, let parts), .opaque(_, let parts),
            .tuple(let parts, _, _), .set(let parts), .list(let parts), .union(let parts),
            .intersection(let parts), .relation(let parts, _), .ratio(let parts):
            parts
        case .negative(let part), .root(let part, _), .plusMinus(let part, _), .percent(let part),
            .degrees(let part), .quantity(let part, _), .choice(_, let part):
            [part]
        case .quotient(let first, let second), .power(let first, let second),
            .difference(let first, let second):
            [first, second]
        case .matrix(let rows): rows.flatMap(\.self)
        case .congruence(let name, let value, let modulus): (name.map { [$0] } ?? []) + [value, modulus]
        }
    }

    /// The same expression with `change` applied to its direct parts.
    func mapParts(_ change: (MathExpression) -> MathExpression) -> MathExpression {
        switch self {
        case .number, .constant, .variable, .based, .text, .literal: self
        case .sum(let parts): .sum(parts.map(change))
        case .product(let parts): .product(parts.map(change))
        case .function(let function, let parts): .function(function, parts.map(change))
        case .opaque(let name, let parts): .opaque(name, parts.map(change))
        case .tuple(let parts, let start, let end):
            .tuple(parts.map(change), opensAtStart: start, opensAtEnd: end)
        case .set(let parts): .set(parts.map(change))
        case .list(let parts): .list(parts.map(change))
        case .union(let parts): .union(parts.map(change))
        case .intersection(let parts): .intersection(parts.map(change))
        case .relation(let parts, let relations): .relation(parts.map(change), relations)
        case .negative(let part): .negative(change(part))
        case .root(let part, let degree): .root(change(part), degree: degree)
        case .plusMinus(let part, let isInverted): .plusMinus(change(part), isInverted: isInverted)
        case .percent(let part): .percent(change(part))
        case .degrees(let part): .degrees(change(part))
        case .quantity(let part, let unit): .quantity(change(part), unit: unit)
        case .choice(let letter, let part): .choice(letter, change(part))
        case .quotient(let first, let second): .quotient(change(first), change(second))
        case .power(let first, let second): .power(change(first), change(second))
        case .ratio(let parts): .ratio(parts.map(change))
        case .congruence(let name, let value, let modulus):
            .congruence(name: name.map(change), change(value), modulus: change(modulus))
        case .difference(let first, let second): .difference(change(first), change(second))
        case .matrix(let rows): .matrix(rows.map { $0.map(change) })
        }
    }

    /// Whether the expression or any part of it satisfies the predicate.
    func contains(where isSuch: (MathExpression) -> Bool) -> Bool {
        isSuch(self) || parts.contains { $0.contains(where: isSuch) }
    }

    var hasVariables: Bool {
        contains {
            switch $0 {
            case .variable, .opaque: true
            default: false
            }
        }
    }

    var hasImaginaryUnit: Bool { contains { $0 == .constant(.imaginaryUnit) } }

    var hasPi: Bool { contains { $0 == .constant(.pi) } }

    /// A relation of order, or `≠`.
    var isInequality: Bool {
        guard case .relation(_, let kinds) = self else { return false }
        return kinds.contains { [.less, .lessOrEqual, .greater, .greaterOrEqual, .notEqual].contains($0) }
    }

    /// Whether it computes with words, conditions or lists, as a sentence does that was read as mathematics.
    var isMalformed: Bool {
        contains {
            switch $0 {
            case .sum(let parts), .product(let parts):
                parts.contains(where: \.isNoOperand)
            case .quotient(let first, let second), .power(let first, let second):
                first.isNoOperand || second.isNoOperand
            case .relation(let sides, _):
                sides.contains { if case .quantity(_, let unit) = $0 { unit.isOnlyNouns } else { false } }
            default: false
            }
        }
    }

    private var isNoOperand: Bool {
        switch self {
        case .text, .relation, .list, .tuple, .set, .union, .intersection, .difference: true
        default: false
        }
    }

    var isWords: Bool { if case .text = self { true } else { false } }

    /// Whether its value is one number: it contains no list, set, relation or words.
    var isScalar: Bool {
        !contains {
            switch $0 {
            case .text, .tuple, .set, .list, .union, .intersection, .difference, .matrix, .relation,
                .constant(.reals), .plusMinus, .literal, .choice, .congruence:
                true
            default: false
            }
        }
    }
}
