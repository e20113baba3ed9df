import Foundation
package import Reasoning
import Synchronization

/// Asks an external verifier: a few processes of it, side by side, each on a thread of its own.
///
/// Verdicts are matched by id, never by order. What a process did not judge well is `undecided`: an answer that it hangs on,
/// dies of or babbles over, while it is the only one in the process. Others that were in the same process go to a fresh one,
/// alone, so a bad answer costs nothing but itself. A process that hangs, dies or babbles is killed with its group.
///
/// | loop | waits for | unblocked by |
/// | --- | --- | --- |
/// | each process's thread | answers to judge, verdicts | deadlines, its wake-up pipe |
package final class VerifierPool: Sendable {
    private let queue: VerifierQueue
    private let threads: Int

    /// Starts no process yet: the first answers do.
    ///
    /// - Parameter log: gets a line for everything that goes wrong, and what the program writes to its standard error.
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

    /// Has answers judged: one verdict each, in their order.
    ///
    /// - Throws: `ExternalProgramError` when the program does not work at all, or the pool was closed.
    package func verdicts(on questions: [VerifierQuestion]) async throws -> [Verdict] {
        guard !questions.isEmpty else { return [] }
        return try await withCheckedThrowingContinuation { continuation in
            queue.add(questions, VerifierBatch(count: questions.count, continuation))
        }
    }

    /// As `verdicts(on:)`, for a caller that may block its thread.
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

    /// Ends every process and waits for it; answers not judged yet are an error to whoever asked.
    package func close() async {
        queue.close()
        await withCheckedContinuation { continuation in
            queue.onEnd(of: threads) { continuation.resume() }
        }
    }

    /// What happened so far.
    package struct Figures: Sendable, Hashable {
        /// Processes that were started.
        package var starts = 0
        /// Answers that were left undecided because of the program.
        package var undecided = 0
    }

    package var figures: Figures { queue.figures }
}

/// The answers of one call, and who waits for their verdicts.
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

    /// Nobody waits any more.
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
