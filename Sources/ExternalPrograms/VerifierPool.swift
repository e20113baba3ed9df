import Foundation
package import Reasoning
import Synchronization

/// Asks an external verifier through a few processes side by side, each on a thread of its own.
///
/// Verdicts are matched by id, never by order. A process that hangs, dies or writes nonsense is killed with
/// its group. If it held one answer alone, that answer is `undecided`. If it held several, each of them goes
/// to a fresh process, alone, so a bad answer costs nothing but itself.
///
/// | loop | waits for | unblocked by |
/// | --- | --- | --- |
/// | each process's thread | answers to judge, verdicts | deadlines, its wake-up pipe |
package final class VerifierPool: Sendable {
    private let queue: VerifierQueue
    private let threads: Int

    /// Starts no process yet; the first answers do.
    ///
    /// - Parameter log: receives a line for every fault, and what the program writes to its standard error.
    /// - Throws: `ExternalProgramError` when there is no such program.
    package init(_ program: ExternalProgram, log: @escaping @Sendable (String) -> Void)
        throws(ExternalProgramError)
    {
        let file = try program.locate()
        let queue = VerifierQueue(program, log: log)
        let slots = try (0..<max(1, program.processes)).map { _ throws(ExternalProgramError) in
            try VerifierSlot(program, file: file, queue: queue)
        }
        self.queue = queue
        threads = slots.count
        for slot in slots { slot.start() }
    }

    deinit { queue.close() }

    /// Returns one verdict for each question, in the order of the questions.
    ///
    /// - Throws: `ExternalProgramError` when the program does not work at all, or the pool was closed.
    package func verdicts(on questions: [VerifierQuestion]) async throws -> [Verdict] {
        guard !questions.isEmpty else { return [] }
        return try await withCheckedThrowingContinuation { continuation in
            queue.add(questions, VerifierBatch(count: questions.count, continuation))
        }
    }

    /// Like `verdicts(on:)`, for a caller that may block its thread.
    package func waitForVerdicts(on questions: [VerifierQuestion]) throws -> [Verdict] {
        guard !questions.isEmpty else { return [] }
        let outcome = Mutex<Result<[Verdict], any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
        queue.add(
            questions,
            VerifierBatch(count: questions.count) { result in
                outcome.withLock { $0 = result }
                done.signal()
            })
        done.wait()
        guard let result = outcome.withLock({ $0 }) else { return [] }
        return try result.get()
    }

    /// Ends every process and waits for it; callers that still wait for verdicts get an error.
    package func close() async {
        queue.close()
        await withCheckedContinuation { continuation in
            queue.onEnd(of: threads) { continuation.resume() }
        }
    }

    /// Counts since the pool was made.
    package struct Figures: Sendable, Hashable {
        /// Processes that were started.
        package var starts = 0
        /// Answers that were left undecided because of the program.
        package var undecided = 0
    }

    package var figures: Figures { queue.figures }
}

/// The answers of one call, and the caller that waits for their verdicts.
final class VerifierBatch: Sendable {
    private struct State {
        var verdicts: [Verdict?]
        var missing: Int
        var isDone = false
    }

    private let state: Mutex<State>
    private let done: @Sendable (Result<[Verdict], any Error>) -> Void

    init(count: Int, _ done: @escaping @Sendable (Result<[Verdict], any Error>) -> Void) {
        state = Mutex(State(verdicts: Array(repeating: nil, count: count), missing: count))
        self.done = done
    }

    convenience init(count: Int, _ continuation: CheckedContinuation<[Verdict], any Error>) {
        self.init(count: count) { continuation.resume(with: $0) }
    }

    /// Whether the call has returned or failed.
    var isDone: Bool { state.withLock { $0.isDone } }

    func settle(_ index: Int, _ verdict: Verdict) {
        let all: [Verdict]? = state.withLock { state in
            guard !state.isDone, state.verdicts[index] == nil else { return nil }
            state.verdicts[index] = verdict
            state.missing -= 1
            guard state.missing == 0 else { return nil }
            state.isDone = true
            return state.verdicts.compactMap { $0 }
        }
        if let all { done(.success(all)) }
    }

    func fail(_ error: ExternalProgramError) {
        let isFirst = state.withLock { state in
            defer { state.isDone = true }
            return !state.isDone
        }
        if isFirst { done(.failure(error)) }
    }
}
