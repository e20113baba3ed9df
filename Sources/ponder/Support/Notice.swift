import Synchronization

/// An event that is delivered once, whether it occurs before or after its listener is set.
final class Notice: Sendable {
    private struct State {
        var isGiven = false
        var listener: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    func give() {
        let listener = state.withLock { state in
            state.isGiven = true
            return state.listener
        }
        listener?()
    }

    func onGiven(_ listener: @escaping @Sendable () -> Void) {
        let isGiven = state.withLock { state in
            state.listener = listener
            return state.isGiven
        }
        if isGiven { listener() }
    }
}
