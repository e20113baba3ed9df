import Synchronization

/// Reads an asynchronous stream in the background, so that a test can ask for the next element with a deadline.
package final class Inbox<Element: Sendable>: Sendable {
    package struct TimedOut: Error, CustomStringConvertible {
        package let what: String
        package let after: Duration
        package var description: String { "no \(what) within \(after)" }
    }

    private struct State {
        var elements: [Element] = []
        var isFinished = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let reader = Mutex<Task<Void, Never>?>(nil)

    package init(_ stream: AsyncStream<Element>) {
        let task = Task { [self] in
            for await element in stream { put { $0.elements.append(element) } }
            put { $0.isFinished = true }
        }
        reader.withLock { $0 = task }
    }

    private func put(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    /// The next element that the closure turns into something; those before it are dropped.
    ///
    /// For one caller at a time.
    ///
    /// - Throws: `TimedOut`, also when the stream ended.
    package func next<Wanted: Sendable>(
        _ what: String, within limit: Duration = .seconds(10), where select: (Element) -> Wanted?
    ) async throws -> Wanted {
        let alarm = Task { [self] in
            try await Task.sleep(for: limit)
            put { _ in }
        }
        defer { alarm.cancel() }
        let deadline = ContinuousClock.now + limit
        while true {
            let (found, isOver) = state.withLock { state -> (Wanted?, Bool) in
                while !state.elements.isEmpty {
                    if let wanted = select(state.elements.removeFirst()) { return (wanted, false) }
                }
                return (nil, state.isFinished)
            }
            if let found { return found }
            if isOver || ContinuousClock.now >= deadline { throw TimedOut(what: what, after: limit) }
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    guard state.elements.isEmpty, !state.isFinished else { return true }
                    state.waiting = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        }
    }

    package func next(_ what: String, within limit: Duration = .seconds(10)) async throws -> Element {
        try await next(what, within: limit) { $0 }
    }

    /// Whether the stream ends within the limit; elements before its end are dropped.
    package func ends(within limit: Duration = .seconds(10)) async -> Bool {
        let nothing: Never? = try? await next("end", within: limit) { _ in Never?.none }
        return nothing == nil && state.withLock { $0.isFinished }
    }
}
