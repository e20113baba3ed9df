/// The faults that a network adds to its traffic; none by default.
package struct Weather: Sendable, Hashable {
    package enum Way: Sendable, Hashable, CaseIterable {
        /// From the side that dialed to the side that was dialed.
        case up
        case down
    }

    /// Delay of every byte, in each direction.
    package var delay = Duration.zero
    /// Largest additional delay, drawn for each segment; bytes keep their order, as in TCP.
    package var jitter = Duration.zero
    /// Longest time until a new connection carries data, so that later connections may overtake it.
    package var opening = Duration.zero
    /// Share of segments that are lost; they arrive after `retransmission`, and the data behind them waits.
    package var loss = 0.0
    package var retransmission = Duration.milliseconds(200)
    /// Limit of one connection in each direction; nil for no limit.
    package var bytesPerSecond: Int?
    /// Directions in which nothing passes, without an error: data waits, as for TCP's next retransmission.
    package var silent: Set<Way> = []
    /// Flips one bit in this many bytes on the way down; nil for none.
    package var bytesPerFlip: Int?
    /// Every new connection is reset at once.
    package var refuses = false

    package init() {}

    package static let calm = Weather()

    package static func with(_ change: (inout Weather) -> Void) -> Weather {
        var weather = Weather()
        change(&weather)
        return weather
    }
}
