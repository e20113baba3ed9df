import DequeModule
import Synchronization

/// A queue from a socket thread to one reader, bounded by number and bytes.
///
/// Nothing is dropped. When the queue is full, the socket thread stops reading, the queues of libzmq fill up and TCP holds
/// the peers back. When the reader has made room, `roomAgain` wakes the thread.
final class Inbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: Deque<(element: Element, cost: Int)> = []
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

    /// Adds an element, even to a full queue: the socket thread asks `hasRoom` first, so the bounds hold nearly.
    ///
    /// - Parameter cost: the size of the element, bytes.
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
                    let wasFull = isFull(state)
                    if let (element, cost) = state.elements.popFirst() {
                        state.bytes -= cost
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

    /// Ends the queue: the reader takes what is left, and then nil.
    func close() {
        let reader = state.withLock { state in
            state.closed = true
            return state.reader.take()
        }
        reader?.resume(returning: nil)
    }

    private func isFull(_ state: State) -> Bool {
        state.elements.count >= count || state.bytes >= bytes
    }
}
