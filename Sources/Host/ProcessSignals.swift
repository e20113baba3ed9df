import Foundation
import Synchronization

/// The signals that ask this process to end or to save, caught from the first instruction of `main` on.
///
/// A signal that comes before somebody listens is kept. `SIGHUP` stays ignored when it was ignored at the start, as `nohup` does.
package enum ProcessSignals {
    /// Signals that ask for an end.
    package static let ending: Set<Int32> = [SIGINT, SIGTERM, SIGHUP, SIGUSR2]
    /// Asks for a save; the work goes on.
    package static let saving = SIGUSR1

    package typealias Listener = @Sendable (_ signal: Int32) -> Void

    private struct State {
        var isCatching = false
        var kept: [Int32] = []
        var listener: Listener?
    }

    private static let state = Mutex(State())

    /// Starts to catch the signals; later calls do nothing.
    ///
    /// Call it before the process has a second thread: every later thread inherits the mask, so that no system call of
    /// theirs is interrupted.
    package static func hold() {
        let isFirst = state.withLock { state in
            defer { state.isCatching = true }
            return !state.isCatching
        }
        guard isFirst, let pipe = try? PipeEnds() else { return }
        PipeEnds.unblock(pipe.writing)
        signalPipe = pipe.writing
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in ending.union([saving]) where !isIgnoredHangUp(number) {
            sigaddset(&mask, number)
            catchSignal(number)
        }
        // A file that grows beyond `ulimit -f` is an error of the write; it must not kill the process.
        signal(SIGXFSZ, SIG_IGN)
        pthread_sigmask(SIG_BLOCK, &mask, nil)
        let caught = mask
        let thread = Thread { read(pipe.reading, caught) }
        thread.name = "ponder-signals"
        thread.start()
    }

    /// Delivers the kept signals and all later ones to `listener`, on a thread of their own.
    package static func listen(_ listener: @escaping Listener) {
        hold()
        let kept = state.withLock { state in
            state.listener = listener
            defer { state.kept = [] }
            return state.kept
        }
        for number in kept { listener(number) }
    }

    /// Makes the kept signals and all later ones end the process, as the system does when nobody catches them.
    package static func release() { listen(end) }

    private static func deliver(_ number: Int32) {
        let (listener, before) = state.withLock { state in
            if state.listener == nil { state.kept.append(number) }
            return (state.listener, state.kept.dropLast().contains { ending.contains($0) })
        }
        if let listener { return listener(number) }
        // Nobody listens yet, and the user has lost patience.
        if before, number == SIGINT || number == SIGTERM { _exit(1) }
    }

    private static func end(_ number: Int32) {
        signal(number, SIG_DFL)
        // Only the thread of the signals runs this, and it blocks none of them.
        kill(getpid(), number)
        // The system ends process 1 of a container by no signal of its own.
        _exit(128 + number)
    }

    private static func read(_ pipe: Int32, _ caught: sigset_t) {
        var mask = caught
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
        var number: UInt8 = 0
        while true {
            let count = Foundation.read(pipe, &number, 1)
            if count == 1 { deliver(Int32(number)) } else if count == 0 || errno != EINTR { return }
        }
    }

    private static func isIgnoredHangUp(_ number: Int32) -> Bool {
        var before = sigaction()
        guard number == SIGHUP, sigaction(number, nil, &before) == 0 else { return false }
        return unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func catchSignal(_ number: Int32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            // Only calls that are safe in a signal handler.
            let before = errno
            var byte = UInt8(truncatingIfNeeded: number)
            _ = Foundation.write(signalPipe, &byte, 1)
            errno = before
        }
        action.sa_flags = SA_RESTART
        sigaction(number, &action, nil)
    }

    /// The name that people know: `SIGTERM`.
    package static func name(_ number: Int32) -> String {
        switch number {
        case SIGINT: "SIGINT"
        case SIGTERM: "SIGTERM"
        case SIGHUP: "SIGHUP"
        case SIGUSR1: "SIGUSR1"
        case SIGUSR2: "SIGUSR2"
        default: "signal \(number)"
        }
    }
}

/// Where the handler writes the number of a signal.
///
/// It is set once, before the handler is installed.
private nonisolated(unsafe) var signalPipe: Int32 = -1
