/// What a network does to what passes through it; calm when nothing is said.
package struct Weather: Sendable, Hashable {
    package enum Way: Sendable, Hashable, CaseIterable {
        /// From whoever dialed to whoever was dialed.
        case up
        case down
    }

    /// Each way, for every byte.
    package var delay = Duration.zero
    /// Up to this much more, drawn for each segment; bytes keep their order, as over TCP they do.
    package var jitter = Duration.zero
    /// Up to this long until a new connection carries anything: later ones overtake it.
    package var opening = Duration.zero
    /// Share of segments that are lost, and come again after `retransmission` with all that was behind them.
    package var loss = 0.0
    package var retransmission = Duration.milliseconds(200)
    /// Of one connection, each way; nil for no limit.
    package var bytesPerSecond: Int?
    /// Nothing passes this way, and nobody is told: what was sent waits, as for TCP's next try.
    package var silent: Set<Way> = []
    /// One bit in so many bytes is flipped on its way down; nil for none.
    package var bytesPerFlip: Int?
    /// Whoever dials is reset at once.
    package var refuses = false

    package init() {}

    package static let calm = Weather()

    package static func with(_ change: (inout Weather) -> Void) -> Weather {
        var weather = Weather()
        change(&weather)
        return weather
    }
}
