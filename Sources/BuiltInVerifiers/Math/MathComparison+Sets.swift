import ComplexModule
import Reasoning

// Sets of real numbers: intervals, inequalities, unions, and what is left out.
extension MathComparison {
    /// The most intervals of a set that is compared.
    private static let intervalLimit = 64

    /// nil unless one of them describes a set as no list does, and both can be read as sets of real numbers.
    mutating func realSets(_ expected: MathExpression, _ answer: MathExpression) -> Verdict? {
        guard expected.describesRange || answer.describesRange, let left = realSet(expected),
            let right = realSet(answer)
        else { return nil }
        if let name = left.name, let other = right.name, !isSame(name, other) { return .wrong }
        guard left.intervals.count == right.intervals.count else { return .wrong }
        var result = Verdict.correct
        for (one, other) in zip(left.intervals, right.intervals) {
            for (end, otherEnd) in [(one.start, other.start), (one.end, other.end)] {
                guard end.isOpen == otherEnd.isOpen else { return .wrong }
                let verdict = verdict(end.written, otherEnd.written)
                if verdict == .wrong { return .wrong }
                if verdict != .correct { result = .undecided }
            }
        }
        return result
    }

    private mutating func realSet(_ expression: MathExpression) -> RealSet? {
        budget -= 4
        guard budget > 0 else { return nil }
        switch expression {
        case .constant(.reals), .variable("R"): return .all
        case .tuple(let members, let opensAtStart, let opensAtEnd):
            guard members.count == 2 else { return nil }
            return interval(members[0], opensAtStart, members[1], opensAtEnd)
        case .set(let members): return points(members)
        case .union(let parts): return combined(parts) { $0.union($1) }
        case .intersection(let parts): return combined(parts) { $0.intersection($1) }
        case .difference(let whole, let out):
            guard let whole = realSet(whole), let out = realSet(out) else { return nil }
            return whole.intersection(out.complement)
        case .relation(let sides, let kinds): return solutions(sides, kinds)
        case .list(let members): return conditions(members)
        default: return nil
        }
    }

    private mutating func combined(
        _ parts: [MathExpression], _ operation: (RealSet, RealSet) -> RealSet
    ) -> RealSet? {
        guard parts.count <= Self.intervalLimit else { return nil }
        var result: RealSet?
        for part in parts {
            guard let set = realSet(part) else { return nil }
            result = result.map { operation($0, set) } ?? set
        }
        return result
    }

    /// Several conditions hold together, unless nothing satisfies them all: `x < -1, x > 1` is a union.
    private mutating func conditions(_ members: [MathExpression]) -> RealSet? {
        guard members.count <= Self.intervalLimit, case .relation(let sides, let kinds)? = members.first
        else { return nil }
        var sets: [RealSet] = []
        for member in members {
            // As in `x ≠ 2, 3`.
            let isValue = kinds == [.notEqual] && sides.count == 2 && member.isScalar && !member.hasVariables
            guard let set = isValue ? solutions([sides[0], member], kinds) : realSet(member) else {
                return nil
            }
            sets.append(set)
        }
        let common = sets.dropFirst().reduce(sets[0]) { $0.intersection($1) }
        return common.intervals.isEmpty ? sets.dropFirst().reduce(sets[0]) { $0.union($1) } : common
    }

    private mutating func points(_ members: [MathExpression]) -> RealSet? {
        var intervals: [RealSet.Interval] = []
        for member in members.prefix(Self.intervalLimit + 1) {
            guard let end = end(member, isOpen: false) else { return nil }
            intervals.append(RealSet.Interval(start: end, end: end))
        }
        return intervals.count <= Self.intervalLimit ? RealSet(intervals) : nil
    }

    private mutating func interval(
        _ start: MathExpression, _ opensAtStart: Bool, _ end: MathExpression, _ opensAtEnd: Bool
    ) -> RealSet? {
        guard let start = self.end(start, isOpen: opensAtStart), let end = self.end(end, isOpen: opensAtEnd)
        else {
            return nil
        }
        return RealSet([RealSet.Interval(start: start, end: end)])
    }

    /// nil for an end that is not one real number.
    private mutating func end(_ written: MathExpression, isOpen: Bool) -> RealSet.End? {
        if written == RealSet.greatest.written { return RealSet.greatest }
        if written == RealSet.least.written { return RealSet.least }
        guard written.isScalar, !written.hasVariables else { return nil }
        var evaluator = MathEvaluator<Complex<Double>>(point: 0, foldsCase: foldsCase, budget: budget)
        defer { budget = evaluator.budget }
        guard let value = evaluator.value(of: written), value.isReal else { return nil }
        return RealSet.End(value: value.real, written: written.withoutUnit, isOpen: isOpen)
    }

    /// The numbers for which a relation such as `1 < x ≤ 2`, `|x| > 3` or `x ≠ 0` holds.
    private mutating func solutions(_ sides: [MathExpression], _ kinds: [MathExpression.Relation]) -> RealSet?
    {
        var (sides, kinds) = (sides, kinds)
        if kinds.contains(.greater) || kinds.contains(.greaterOrEqual) {
            (sides, kinds) = (sides.reversed(), kinds.reversed().map(\.flipped))
        }
        if kinds == [.element] { return realSet(sides[1]) }
        guard sides.count <= 3, let place = sides.firstIndex(where: { $0.absoluteName != nil }),
            let name = sides[place].absoluteName
        else { return nil }
        guard var set = bounded(sides, kinds, at: place) else { return nil }
        if name != sides[place] { set = set.unsigned }
        set.name = name
        return set
    }

    private mutating func bounded(
        _ sides: [MathExpression], _ kinds: [MathExpression.Relation], at place: Int
    ) -> RealSet? {
        if kinds == [.notEqual] { return points([sides[1 - place]])?.complement }
        if kinds == [.equal] { return points([sides[1 - place]]) }
        guard kinds.allSatisfy({ $0 == .less || $0 == .lessOrEqual }) else { return nil }
        guard sides.count == 2 || place == 1 else { return nil }
        var interval = RealSet.Interval(start: RealSet.least, end: RealSet.greatest)
        if place > 0 {
            guard let start = end(sides[place - 1], isOpen: kinds[place - 1] == .less) else { return nil }
            interval.start = start
        }
        if place + 1 < sides.count {
            guard let end = end(sides[place + 1], isOpen: kinds[place] == .less) else { return nil }
            interval.end = end
        }
        return RealSet([interval])
    }
}

extension MathExpression {
    /// Whether it describes a set by its bounds or by what is left out, not by its members.
    fileprivate var describesRange: Bool {
        switch self {
        case .constant(.reals), .difference, .intersection: true
        case .tuple(let members, let start, let end): members.count == 2 && start != end
        case .union(let parts): parts.contains { if case .set = $0 { false } else { true } }
        case .list(let members): members.contains(where: \.isInequality)
        default: isInequality
        }
    }

    /// The name in `x` or `|x|`.
    fileprivate var absoluteName: MathExpression? {
        switch self {
        case .variable, .opaque: self
        case .function(.absolute, let arguments) where arguments.count == 1: arguments[0].absoluteName
        default: nil
        }
    }
}
