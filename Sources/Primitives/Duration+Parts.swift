extension Duration {
    /// The duration in seconds.
    package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

    /// The duration for people, with two or three digits: `0.25 s`, `4.1 s`, `300 s`.
    package var text: String {
        let scale = seconds.magnitude < 1 ? 100.0 : seconds.magnitude < 10 ? 10 : 1
        let value = (seconds * scale).rounded() / scale
        return value == value.rounded() ? "\(Int(value)) s" : "\(value) s"
    }

    /// The duration in whole microseconds, rounded towards zero.
    package var microseconds: Int {
        Int(components.seconds) * 1_000_000 + Int(components.attoseconds / 1_000_000_000_000)
    }

    /// The duration in whole milliseconds, rounded up and at least 0, so that a wait of this length is never
    /// too short.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let scaled = seconds.multipliedReportingOverflow(by: 1000)
        guard !scaled.overflow else { return seconds < 0 ? 0 : Int64.max }
        let fraction = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return max(0, scaled.partialValue.addingReportingOverflow(fraction).partialValue)
    }

    /// Reads whole numbers with units, the largest first: `45s`, `90m`, `1h30m`, `2d`; a number alone is seconds.
    ///
    /// - Returns: nil for any other text, and for more than a hundred years.
    package init?(shortText text: String) {
        let units: [(name: Character, seconds: Int)] = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)]
        if let seconds = Int(text), (0...3_153_600_000).contains(seconds), text.allSatisfy(\.isNumber) {
            self = .seconds(seconds)
            return
        }
        var (rest, total, place) = (Substring(text), 0, 0)
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard let number = Int(digits), number <= 3_153_600_000, let unit = rest.popFirst(),
                let index = units.firstIndex(where: { $0.name == unit }), index >= place
            else { return nil }
            place = index + 1
            total += number * units[index].seconds
        }
        guard !text.isEmpty, total <= 3_153_600_000 else { return nil }
        self = .seconds(total)
    }
}
