import Synchronization
import ZeroMQ

/// The commands for a loop's thread, and the notice of its end for those who wait.
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

    /// Accepts no command from now on.
    func close() {
        state.withLock { $0.closing = true }
        wakeUp.signal()
    }

    /// For the loop: the commands posted so far, and whether these are the last.
    func take() -> (commands: [Command], closing: Bool) {
        state.withLock { state in
            let commands = state.commands
            state.commands = []
            return (commands, state.closing)
        }
    }

    /// For the loop: its last act.
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
