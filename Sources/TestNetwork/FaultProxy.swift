import Foundation
import Synchronization
import TestSupport

/// A TCP proxy on a thread of its own that adds network faults: `tc netem` for tests, without root or kernel modules.
///
///     let proxy = try FaultProxy(listening: "127.0.0.2", port: port, to: port)
///     proxy.weather = .with { $0.silent = [.up] }
///
/// It listens on a loopback address and passes on to 127.0.0.1.
package final class FaultProxy: Sendable {
    /// Counts of the traffic and of the faults applied to it.
    package struct Counts: Sendable, Hashable {
        package var connections = 0
        package var bytes = 0
        package var flips = 0
        package var losses = 0
        package var resets = 0
    }

    private struct State {
        var weather = Weather()
        var counts = Counts()
        var resetsAll = false
        var isClosed = false
    }

    private let state = Mutex(State())
    package let port: UInt16

    /// - Parameters:
    ///   - host: a loopback address, `127.0.0.2`.
    ///   - port: 0 to let the system choose.
    ///   - upstream: port of 127.0.0.1 that receives the traffic.
    /// - Throws: `PlainSocket.Failure`.
    package init(listening host: String, port: UInt16, to upstream: UInt16, seed: UInt64 = 1) throws {
        let listener = try PlainSocket.listening(on: host, port: port)
        self.port = listener.port
        let pump = ProxyPump(listener: listener, upstream: upstream, random: SplitMix(seed: seed))
        let thread = Thread { [weak self] in
            while let orders = self?.orders(), !orders.isClosed {
                let done = pump.turn(orders.weather, resettingAll: orders.resetsAll)
                self?.add(done)
            }
            pump.close()
        }
        thread.name = "fault-proxy"
        thread.start()
    }

    deinit { close() }

    package var weather: Weather {
        get { state.withLock { $0.weather } }
        set { state.withLock { $0.weather = newValue } }
    }

    package var counts: Counts { state.withLock { $0.counts } }

    /// Resets every open connection.
    package func reset() { state.withLock { $0.resetsAll = true } }

    /// Ends the thread, and with it every connection, within a turn of some milliseconds.
    package func close() { state.withLock { $0.isClosed = true } }

    private func orders() -> (weather: Weather, resetsAll: Bool, isClosed: Bool) {
        state.withLock { state in
            defer { state.resetsAll = false }
            return (state.weather, state.resetsAll, state.isClosed)
        }
    }

    private func add(_ done: Counts) {
        state.withLock { state in
            state.counts.connections += done.connections
            state.counts.bytes += done.bytes
            state.counts.flips += done.flips
            state.counts.losses += done.losses
            state.counts.resets += done.resets
        }
    }
}
