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
}
