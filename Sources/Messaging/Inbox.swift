import Synchronization

/// What a socket thread has received and its one reader has not taken yet, bounded by number and bytes.
///
/// Nothing is ever dropped. When it is full the socket thread stops reading, libzmq's queues fill up and TCP holds the
/// peers back; when the reader has made room, `roomAgain` wakes the thread.
final class Inbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [(Element, cost: Int)] = []
        /// The first element not taken yet.
        var head = 0
        var bytes = 0
        var closed = false
        var reader: CheckedContinuation<Element?, Never>?
    }

    private let state = Mutex(State())
    private let count: Int
    private let bytes: Int
    private let roomAgain: @Sendable () -> Void

    init(count: Int, bytes: Int, roomAgain: @escaping @Sendable () -> Void) {
        self.count = count
        self.bytes = bytes
        self.roomAgain = roomAgain
    }

    var hasRoom: Bool { state.withLock { !isFull($0) } }

    /// Adds an element, also when it is full: whoever asks `hasRoom` first never goes far beyond the bounds.
    func put(_ element: Element, cost: Int = 0) {
        let reader: CheckedContinuation<Element?, Never>? = state.withLock { state in
            guard !state.closed else { return nil }
            if let reader = state.reader.take() { return reader }
            state.elements.append((element, cost))
            state.bytes += cost
            return nil
        }
        reader?.resume(returning: element)
    }

    /// The next element; nil after `close` or when the reader's task is cancelled.
    func next() async -> Element? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (answer, freed): (Element??, Bool) = state.withLock { state in
                    if state.head < state.elements.count {
                        let wasFull = isFull(state)
                        let element = take(&state)
                        return (.some(element), wasFull && !isFull(state))
                    }
                    if state.closed || state.reader != nil || Task.isCancelled { return (.some(nil), false) }
                    state.reader = continuation
                    return (nil, false)
                }
                if freed { roomAgain() }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.reader.take() }?.resume(returning: nil)
        }
    }

    /// Lets the reader take what is there, then ends it.
    func close() {
        let reader = state.withLock { state in
            state.closed = true
            return state.reader.take()
        }
        reader?.resume(returning: nil)
    }

    private func isFull(_ state: State) -> Bool {
        state.elements.count - state.head >= count || state.bytes >= bytes
    }

    private func take(_ state: inout State) -> Element {
        let (element, cost) = state.elements[state.head]
        state.head += 1
        state.bytes -= cost
        // Moves the rest rarely enough that each element is moved once or twice in its life.
        if state.head * 2 >= state.elements.count {
            state.elements.removeFirst(state.head)
            state.head = 0
        }
        return element
    }
}
