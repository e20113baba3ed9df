import Foundation
import Synchronization

/// Tells every open page when a run has changed.
///
/// A message holds the newest revision of each run and no figures: a page asks for what it lacks. So at most one
/// message waits for a page that reads slowly.
final class RunFeed: Sendable {
    let runs: [RunSource]
    private let state = Mutex(State())

    private struct State {
        var pages: [Int: AsyncStream<Data>.Continuation] = [:]
        var next = 0
        var watch: Task<Void, Never>?
        var isStopped = false
    }

    /// Between two looks at a run, and between two messages without news, which find pages that are gone.
    private static let pause = Duration.milliseconds(500)
    private static let pausesBetweenBeats = 10

    init(_ runs: [RunSource]) { self.runs = runs }

    /// The messages for a page; nil when every run has ended.
    func messages() async -> AsyncStream<Data>? {
        guard await look().contains(where: \.isLive) else { return nil }
        let (stream, continuation) = AsyncStream.makeStream(
            of: Data.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            guard !state.isStopped else { return continuation.finish() }
            let page = state.next
            state.next += 1
            state.pages[page] = continuation
            continuation.onTermination = { [weak self] _ in self?.leave(page) }
            if state.watch == nil { state.watch = Task { [weak self] in await self?.watch() } }
        }
        return stream
    }

    /// Ends all streams.
    func stop() {
        let pages = state.withLock { state in
            state.isStopped = true
            state.watch?.cancel()
            defer { state.pages = [:] }
            return Array(state.pages.values)
        }
        for page in pages { page.finish() }
    }

    private func leave(_ page: Int) { state.withLock { _ = $0.pages.removeValue(forKey: page) } }

    private func watch() async {
        var told: [RunSource.Pulse] = []
        var pauses = 0
        while !Task.isCancelled {
            let pulses = await look()
            pauses += 1
            let isOver = !pulses.contains(where: \.isLive)
            if pulses != told || pauses >= Self.pausesBetweenBeats || isOver {
                tell(pulses)
                (told, pauses) = (pulses, 0)
            }
            let isAlone = state.withLock { state in
                guard isOver || state.pages.isEmpty else { return false }
                state.watch = nil
                return true
            }
            if isOver { finish() }
            if isAlone { return }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func tell(_ pulses: [RunSource.Pulse]) {
        let revisions = pulses.map { "\($0.revision)" }.joined(separator: ",")
        let live = pulses.map { "\($0.isLive)" }.joined(separator: ",")
        let message = Data("data: {\"revisions\":[\(revisions)],\"live\":[\(live)]}\n\n".utf8)
        for page in state.withLock({ Array($0.pages.values) }) { page.yield(message) }
    }

    private func finish() {
        for page in state.withLock({ Array($0.pages.values) }) { page.finish() }
    }

    /// A run that cannot be read now is taken as it was: the page's own request says what is wrong.
    private func look() async -> [RunSource.Pulse] {
        var pulses: [RunSource.Pulse] = []
        for run in runs {
            pulses.append((try? await run.look()) ?? RunSource.Pulse(revision: 0, isLive: true))
        }
        return pulses
    }
}
