/// What a number counts or measures.
///
///     MathUnit("km per hour")    // km·hr⁻¹
///     MathUnit("apples")         // no measure: any number of apples is that number
struct MathUnit: Hashable, Sendable {
    /// The exponents of the units by their standard names; words that are no known unit are left out.
    private(set) var powers: [String: Int] = [:]
    /// The words that are no known unit, in lower case.
    private(set) var nouns: [String] = []

    init() {}

    /// Whether it only counts things.
    var isOnlyNouns: Bool { powers.isEmpty && !nouns.isEmpty }

    /// Reads words, `/`, `per`, `square`, `cubic`, and exponents such as `m^2` and `m²`.
    init(_ text: String) {
        var pending = 1
        var isBelow = false
        let pieces = text.replacing("/", with: " per ").split { " \u{B7}~*".contains($0) }
        for (index, piece) in pieces.enumerated() {
            // `10 dollars in total`, `5 kg of apples`, `72 in all`
            if Self.prepositions.contains(piece), index > 0 || pieces.count > 1 { break }
            if piece == "per" || piece == "a" && !powers.isEmpty {
                isBelow = true
                continue
            }
            let parts = piece.split(whereSeparator: { "^{}".contains($0) })
            guard let first = parts.first else { continue }
            let name = String(first)
            if let power = Self.leading[name.lowercased()] {
                pending = power
                continue
            }
            let exponent = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
            append(name, power: (isBelow ? -1 : 1) * pending * exponent)
            pending = 1
        }
    }

    /// Words that begin what only explains.
    static let prepositions: Set<Substring> = [
        "in", "of", "for", "from", "with", "when", "where", "because", "since", "at", "on", "if", "by", "as",
    ]
    private static let leading = ["square": 2, "squared": 2, "sq": 2, "cubic": 3, "cu": 3]

    private mutating func append(_ word: String, power: Int) {
        switch MathText.unit(word) {
        case "mph"?:
            powers["mi", default: 0] += power
            powers["hr", default: 0] -= power
        case "kmh"?:
            powers["km", default: 0] += power
            powers["hr", default: 0] -= power
        case "unit"?, "ordinal"?, "sq"?, "cu"?: break
        case let unit?: powers[unit, default: 0] += power
        case nil: nouns.append(word.lowercased())
        }
    }

    /// This unit raised to a power: the `^2` behind `\text{ m}`.
    func raised(to power: Int) -> MathUnit {
        var unit = self
        unit.powers = powers.mapValues { $0 * power }
        return unit
    }

    /// A quantity in this unit as a number of base units, and its dimension; nil without a known unit.
    ///
    /// Both kinds of temperature are dimensions of their own, since they differ by more than a factor.
    var measure: (dimension: [String: Int], size: [MathExpression])? {
        guard !powers.isEmpty else { return nil }
        var dimension: [String: Int] = [:]
        var size: [MathExpression] = []
        for (name, power) in powers where power != 0 {
            guard let unit = Self.sizes[name] else {
                dimension[name, default: 0] += power
                continue
            }
            for (base, exponent) in unit.dimension { dimension[base, default: 0] += exponent * power }
            size.append(.power(.number(unit.size), .integer(power)))
        }
        return (dimension.filter { $0.value != 0 }, size)
    }

    private typealias Size = (dimension: [String: Int], size: MathNumber)

    private static let sizes: [String: Size] = {
        var sizes: [String: Size] = [:]
        func add(_ dimension: [String: Int], _ units: String) {
            for unit in units.split(separator: " ") {
                let parts = unit.split(separator: "=")
                let digits = parts[1].utf8.filter { $0 != 46 }.map { $0 - 48 }
                let places = parts[1].firstIndex(of: ".").map {
                    parts[1].distance(from: $0, to: parts[1].endIndex) - 1
                }
                sizes[String(parts[0])] = (dimension, MathNumber(digits: digits, places: places ?? 0))
            }
        }
        add(["length": 1], "m=1 cm=0.01 mm=0.001 km=1000 dm=0.1 in=0.0254 ft=0.3048 yd=0.9144 mi=1609.344")
        add(["length": 2], "acre=4046.8564224")
        add(["length": 3], "l=0.001 ml=0.000001 gal=0.003785411784 quart=0.000946352946")
        add(["length": 3], "pint=0.000473176473 cup=0.0002365882365")
        add(["mass": 1], "g=1 kg=1000 mg=0.001 lb=453.59237 oz=28.349523125")
        add(["time": 1], "sec=1 min=60 hr=3600 day=86400 week=604800")
        add(["time": -1], "hz=1")
        add(["month": 1], "month=1 yr=12")
        add(["dollar": 1], "$=1 ¢=0.01")
        return sizes
    }()
}
