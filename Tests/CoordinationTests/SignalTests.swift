import Foundation
import Testing

@testable import Service

@Suite struct SignalTests {
    @Test(
        arguments: [
            ([SIGTERM], [.first]), ([SIGTERM, SIGTERM], [.first, .again]),
            ([SIGTERM, SIGINT], [.first, .again]),
            ([SIGHUP, SIGHUP, SIGHUP], [.first, .repeated, .repeated]),
            ([SIGHUP, SIGTERM, SIGTERM], [.first, .repeated, .again]),
            ([SIGUSR2, SIGTERM, SIGUSR2, SIGINT], [.first, .repeated, .repeated, .again]),
        ] as [([Int32], [SignalWatch.Told.Step])])
    func `only SIGINT or SIGTERM after one of these ends at once`(
        signals: [Int32], steps: [SignalWatch.Told.Step]
    ) {
        var told = SignalWatch.Told()
        let start = ContinuousClock.now
        let times = signals.indices.map { start + .seconds($0) }
        #expect(zip(signals, times).map { told.count($0, at: $1) } == steps)
    }

    @Test func `a signal that comes twice within a moment, as timeout sends it, is one`() {
        var told = SignalWatch.Told()
        let start = ContinuousClock.now
        #expect(told.count(SIGTERM, at: start) == .first)
        #expect(told.count(SIGTERM, at: start + .milliseconds(99)) == .repeated)
        #expect(told.count(SIGTERM, at: start + .milliseconds(200)) == .again)
    }
}
