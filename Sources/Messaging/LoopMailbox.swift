import Synchronization
import ZeroMQ

/// The commands on their way to a loop's thread, and the news of its end on the way back.
final class LoopMailbox<Command: Sendable>: Sendable {
    private struct State {
        var commands: [Command] = []
        var closing = false
        var ended = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    let wakeUp: WakeUp
    private let capacity: Int
    private let state = Mutex(State())

    init(wakeUp: WakeUp, capacity: Int) {
        self.wakeUp = wakeUp
        self.capacity = capacity
    }

    func post(_ command: Command) -> Bool {
        let accepted = state.withLock { state in
            guard !state.closing, state.commands.count < capacity else { return false }
            state.commands.append(command)
            return true
        }
        if accepted { wakeUp.signal() }
        return accepted
    }

    func wake() { wakeUp.signal() }

    func close() {
        state.withLock { $0.closing = true }
        wakeUp.signal()
    }

    /// The loop's: everything posted so far, and whether more may come.
    func take() -> (commands: [Command], closing: Bool) {
        state.withLock { state in
            let commands = state.commands
            state.commands = []
            return (commands, state.closing)
        }
    }

    /// The loop's last act.
    func end() {
        let waiters = state.withLock { state in
            state.closing = true
            state.ended = true
            let waiters = state.waiters
            state.waiters = []
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let ended = state.withLock { state in
                if !state.ended { state.waiters.append(continuation) }
                return state.ended
            }
            if ended { continuation.resume() }
        }
    }
}
