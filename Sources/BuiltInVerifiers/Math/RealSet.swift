import ComplexModule

/// A set of real numbers as intervals, however it was described.
///
///     x < -1 or x > 1      (-∞,-1) ∪ (1,∞)      ℝ ∖ [-1,1]      {x | |x| > 1}
struct RealSet {
    struct Interval {
        var start: End
        var end: End
    }

    /// An end of an interval: its value, which may be infinite, and what was written.
    struct End {
        let value: Double
        let written: MathExpression
        var isOpen: Bool
    }

    /// In order, apart from each other.
    private(set) var intervals: [Interval]
    /// The variable of an inequality.
    var name: MathExpression?

    init(_ intervals: [Interval], name: MathExpression? = nil) {
        self.intervals = Self.merged(intervals)
        self.name = name
    }

    private static let infinity = MathExpression.constant(.infinity)
    static let least = End(value: -.infinity, written: .negative(infinity), isOpen: true)
    static let greatest = End(value: .infinity, written: infinity, isOpen: true)
    static let all = RealSet([Interval(start: least, end: greatest)])

    private static func merged(_ intervals: [Interval]) -> [Interval] {
        let sorted = intervals.filter { !isEmpty($0) }.sorted {
            ($0.start.value, $0.start.isOpen ? 1 : 0) < ($1.start.value, $1.start.isOpen ? 1 : 0)
        }
        var result: [Interval] = []
        for interval in sorted {
            guard let last = result.last, touches(last.end, interval.start) else {
                result.append(interval)
                continue
            }
            if (last.end.value, last.end.isOpen ? 0 : 1) < (interval.end.value, interval.end.isOpen ? 0 : 1) {
                result[result.count - 1].end = interval.end
            }
        }
        return result
    }

    private static func isEmpty(_ interval: Interval) -> Bool {
        let (start, end) = (interval.start, interval.end)
        return start.value > end.value || (start.value == end.value && (start.isOpen || end.isOpen))
    }

    private static func touches(_ end: End, _ start: End) -> Bool {
        start.value < end.value || (start.value == end.value && !(start.isOpen && end.isOpen))
    }

    func union(_ other: RealSet) -> RealSet { RealSet(intervals + other.intervals, name: name ?? other.name) }

    func intersection(_ other: RealSet) -> RealSet {
        let pairs = intervals.flatMap { left in
            other.intervals.map { right in
                let starts = [left.start, right.start].max {
                    ($0.value, $0.isOpen ? 1 : 0) < ($1.value, $1.isOpen ? 1 : 0)
                }
                let ends = [left.end, right.end].min {
                    ($0.value, $0.isOpen ? 0 : 1) < ($1.value, $1.isOpen ? 0 : 1)
                }
                return Interval(start: starts ?? left.start, end: ends ?? left.end)
            }
        }
        return RealSet(pairs, name: name ?? other.name)
    }

    var complement: RealSet {
        var result: [Interval] = []
        var start = Self.least
        for interval in intervals {
            result.append(Interval(start: start, end: Self.flipped(interval.start)))
            start = Self.flipped(interval.end)
        }
        result.append(Interval(start: start, end: Self.greatest))
        return RealSet(result.filter { $0.start.value < .infinity && $0.end.value > -.infinity }, name: name)
    }

    private static func flipped(_ end: End) -> End {
        End(value: end.value, written: end.written, isOpen: end.value.isInfinite || !end.isOpen)
    }

    /// The numbers whose absolute value is in the set.
    var unsigned: RealSet {
        let zero = End(value: 0, written: .zero, isOpen: false)
        let positive = intersection(RealSet([Interval(start: zero, end: Self.greatest)]))
        let negative = positive.intervals.map {
            Interval(
                start: End(value: -$0.end.value, written: .negative($0.end.written), isOpen: $0.end.isOpen),
                end: End(
                    value: -$0.start.value, written: .negative($0.start.written), isOpen: $0.start.isOpen))
        }
        return RealSet(positive.intervals + negative, name: name)
    }
}
