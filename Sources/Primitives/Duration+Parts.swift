extension Duration {
    /// The duration in seconds.
    package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

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
