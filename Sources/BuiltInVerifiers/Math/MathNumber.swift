/// A decimal number as it was written, exact however long it is.
///
///     MathNumber(digits: [1, 2, 5, 0], places: 1)   // 125.0
struct MathNumber: Hashable, Sendable {
    /// The digits without leading zeros; zeros after the point are kept because they tell how far a number was rounded.
    let digits: [UInt8]
    /// The count of digits as written, with leading zeros: the length of a repeating period.
    let width: Int
    /// The count of digits after the point.
    let places: Int
    /// Whether a point was written.
    let isDecimal: Bool

    /// The most digits of a number that is read.
    static let digitLimit = 1000

    init(digits: [UInt8], places: Int, isDecimal: Bool? = nil) {
        self.digits = Array(digits.drop { $0 == 0 })
        width = digits.count
        self.places = places
        self.isDecimal = isDecimal ?? (places > 0)
    }

    init(_ value: Int) {
        self.init(digits: String(value.magnitude).utf8.map { $0 - 48 }, places: 0)
    }

    /// The same number with the fewest digits; equal numbers have equal canonical forms.
    var canonical: (digits: ArraySlice<UInt8>, places: Int) {
        var end = digits.count
        while end > 0, digits[end - 1] == 0, end > digits.count - places { end -= 1 }
        return end == 0 ? ([], 0) : (digits[..<end], places - (digits.count - end))
    }

    func isEqual(to other: MathNumber) -> Bool {
        let (left, right) = (canonical, other.canonical)
        return left.places == right.places && left.digits == right.digits
    }

    /// Its digits without the point.
    var written: String { String(decoding: digits.map { $0 + 48 }, as: UTF8.self) }

    /// nil unless it is whole and below 10¹⁸.
    var integer: Int? {
        let (digits, places) = canonical
        guard places == 0, digits.count <= 18 else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1) }
    }

    /// Correctly rounded up to 15 digits, otherwise to within two units of the last place; infinite when too large.
    var double: Double {
        if digits.count <= 15, places <= 22 {
            return Double(digits.reduce(0) { $0 * 10 + Int($1) }) / Self.powersOfTen[places]
        }
        let text = String(decoding: digits.map { $0 + 48 }, as: UTF8.self)
        return Double("\(text.isEmpty ? "0" : text)e-\(places)") ?? .nan
    }

    /// More digits than a `Double` holds.
    var exceedsDouble: Bool { canonical.digits.count > 15 }

    private static let powersOfTen: [Double] = (0...22).reduce(into: []) { powers, _ in
        powers.append((powers.last ?? 0.1) * 10)
    }.map { $0.rounded() }
}
