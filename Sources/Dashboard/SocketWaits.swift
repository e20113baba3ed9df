import FlyingSocks
import Foundation
import Host
import Primitives
import Synchronization

/// Lets tasks wait for sockets, each until a deadline, on one thread that calls `poll`.
///
/// FlyingFox's own pools have no deadline: a client that stops reading would keep its connection forever. They also
/// forget a socket after its waiter goes on, so a number that the system gives to a new socket at once can be lost.
final class SocketWaits: AsyncSocketPool, Sendable {
    /// When the waits of the present task end with `SocketError.timeout`; nil for no limit.
    @TaskLocal static var deadline: ContinuousClock.Instant?

    private struct Wait {
        let socket: Int32
        let events: Int16
        let deadline: ContinuousClock.Instant?
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var waits: [UInt64: Wait] = [:]
        var next: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    /// A byte in this pipe tells the thread to look at `state` again.
    private let alarm: PipeEnds

    /// - Throws: `SystemError` when the process has no free descriptors.
    init() throws {
        alarm = try PipeEnds()
        PipeEnds.unblock(alarm.reading)
        PipeEnds.unblock(alarm.writing)
        let thread = Thread { [self] in
            while wait() {}
            Foundation.close(alarm.reading)
            Foundation.close(alarm.writing)
        }
        thread.name = "dashboard-sockets"
        thread.stackSize = 256 << 10
        thread.start()
    }

    func prepare() async throws {}
    func run() async throws {}

    func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
        let wanted = (events.contains(.read) ? POLLIN : 0) | (events.contains(.write) ? POLLOUT : 0)
        try await withCheckedThrowingContinuation { continuation in
            let wait = Wait(
                socket: socket.file.rawValue, events: Int16(wanted), deadline: Self.deadline,
                continuation: continuation)
            let isClosed = state.withLock { state in
                guard !state.isClosed else { return true }
                state.waits[state.next] = wait
                state.next += 1
                wake()
                return false
            }
            if isClosed { continuation.resume(throwing: SocketError.disconnected) }
        }
    }

    /// Ends every wait, now and later, with `SocketError.disconnected`.
    func close() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            wake()
        }
    }

    /// The thread closes the pipe only after it has seen `isClosed`, so this is called with the lock held.
    private func wake() { _ = write(alarm.writing, [1], 1) }

    /// Waits once.
    ///
    /// - Returns: false after `close`.
    private func wait() -> Bool {
        let waits = state.withLock { Array($0.waits) }
        var entries = [pollfd(fd: alarm.reading, events: Int16(POLLIN), revents: 0)]
        for (_, wait) in waits { entries.append(pollfd(fd: wait.socket, events: wait.events, revents: 0)) }
        let end = waits.compactMap(\.value.deadline).min() ?? .now + .seconds(3600)
        var isReady = false
        do throws(SystemError) {
            isReady = try pollAll(&entries, until: end)
        } catch {
            // The system had no memory for the call; the waits end at their deadlines.
            Thread.sleep(forTimeInterval: 0.05)
        }
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(alarm.reading, &bytes, bytes.count) > 0 {}

        let now = ContinuousClock.now
        let (ready, late, closed) = state.withLock { state in
            let closed = state.isClosed ? Array(state.waits.values) : []
            if state.isClosed { state.waits = [:] }
            var ready: [Wait] = []
            var late: [Wait] = []
            for (place, id) in waits.map(\.key).enumerated() {
                if isReady, entries[place + 1].revents != 0, let wait = state.waits.removeValue(forKey: id) {
                    ready.append(wait)
                } else if let end = state.waits[id]?.deadline, end <= now,
                    let wait = state.waits.removeValue(forKey: id)
                {
                    late.append(wait)
                }
            }
            return (ready, late, state.isClosed ? closed : nil)
        }
        // A socket that was closed or broken is ready, too: the operation that follows says so.
        for wait in ready { wait.continuation.resume() }
        for wait in late {
            wait.continuation.resume(throwing: SocketError.timeout(message: "the client was too slow"))
        }
        for wait in closed ?? [] { wait.continuation.resume(throwing: SocketError.disconnected) }
        return closed == nil
    }
}

/// `poll` under another name: FlyingFox gives pools a member with that one.
private func pollAll(
    _ entries: inout [pollfd], until deadline: ContinuousClock.Instant
) throws(SystemError) -> Bool {
    try poll(&entries, until: deadline)
}
