import Foundation
import Reasoning
import Synchronization

/// An answer on its way through the pool.
struct VerifierItem: Sendable {
    let id: String
    let question: VerifierQuestion
    let batch: VerifierBatch
    let index: Int
    /// Number of processes that ended while they held the answer.
    var failures = 0
}

/// What a pool's threads share: waiting answers, answers to judge alone, and whether the program works.
final class VerifierQueue: Sendable {
    private struct State {
        var waiting: ArraySlice<VerifierItem> = []
        /// Answers from processes that failed, each to be judged again alone.
        var suspects: ArraySlice<VerifierItem> = []
        /// Number of answers that processes hold now.
        var held = 0
        var lastID = 0
        var wakers: [WakePipe] = []
        var isClosed = false
        var ended = 0
        var onEnd: (threads: Int, body: @Sendable () -> Void)?
        var figures = VerifierPool.Figures()
        /// The longest time to a process's first verdict; nil before any verdict.
        var slowestStart: Duration?
        /// Processes in a row that ended without a good verdict.
        var fruitless = 0
        var errorBytes = 0
    }

    private let state = Mutex(State())
    private let program: ExternalProgram
    private let log: @Sendable (String) -> Void

    /// Bytes of standard error that are passed on in total.
    static let errorLimit = 1 << 20
    /// Processes in a row without a verdict that make a program count as broken.
    ///
    /// The first limit applies before the program's first verdict, the second one after it.
    static let (limitAtFirst, limitLater) = (5, 16)

    init(_ program: ExternalProgram, log: @escaping @Sendable (String) -> Void) {
        self.program = program
        self.log = log
    }

    var figures: VerifierPool.Figures { state.withLock { $0.figures } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func say(_ line: String) { log("external verifier: \(line)") }

    /// Passes on what the program says on standard error, up to the limit.
    func pass(_ text: String) {
        let isRoom = state.withLock { state in
            let before = state.errorBytes
            state.errorBytes += text.utf8.count + 1
            if before <= Self.errorLimit, state.errorBytes > Self.errorLimit { return false as Bool? }
            return state.errorBytes > Self.errorLimit ? nil : true
        }
        switch isRoom {
        case true: log("external verifier says: \(text)")
        case false: say("its standard error is longer than \(Self.errorLimit) bytes; the rest is left out")
        default: break
        }
    }

    // MARK: - Callers

    func add(_ questions: [VerifierQuestion], _ batch: VerifierBatch) {
        let isOpen = state.withLock { state in
            guard !state.isClosed else { return false }
            for (index, question) in questions.enumerated() {
                state.lastID += 1
                state.waiting.append(
                    VerifierItem(id: "\(state.lastID)", question: question, batch: batch, index: index))
            }
            return true
        }
        if isOpen { wake() } else { batch.fail(closed) }
    }

    func close() {
        let left = state.withLock { state in
            state.isClosed = true
            defer { (state.waiting, state.suspects) = ([], []) }
            return state.waiting + state.suspects
        }
        for item in left { item.batch.fail(closed) }
        wake()
    }

    private var closed: ExternalProgramError { ExternalProgramError(program.command, "it was stopped") }

    func onEnd(of threads: Int, _ body: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if state.ended >= threads { return true }
            state.onEnd = (threads, body)
            return false
        }
        if isOver { body() }
    }

    // MARK: - Threads

    func register(_ waker: WakePipe) { state.withLock { $0.wakers.append(waker) } }

    /// Records that a thread has ended and left nothing behind.
    func threadEnded() {
        let body: (@Sendable () -> Void)? = state.withLock { state in
            state.ended += 1
            guard let end = state.onEnd, state.ended >= end.threads else { return nil }
            state.onEnd = nil
            return end.body
        }
        body?()
    }

    /// Takes the next answers for a process that holds `count`: several, or one that must be judged alone.
    func take(holding count: Int) -> (items: [VerifierItem], alone: Bool) {
        state.withLock { state in
            if count == 0, let suspect = state.suspects.popFirst() {
                state.held += 1
                return ([suspect], true)
            }
            // Each process gets a fair share, so that a few slow answers do not all wait for one process.
            let processes = max(1, program.processes)
            let share = (state.waiting.count + state.held + processes - 1) / processes
            let room = min(min(program.inFlight, share) - count, state.waiting.count)
            guard room > 0 else { return ([], false) }
            state.held += room
            defer { state.waiting = state.waiting.dropFirst(room) }
            return (Array(state.waiting.prefix(room)), false)
        }
    }

    /// Longest time that a new process may take to its first verdict.
    var startAllowance: Duration {
        state.withLock { $0.slowestStart.map { max($0 * 2, .milliseconds(500)) } ?? program.startup }
    }

    func started() { state.withLock { $0.figures.starts += 1 } }

    /// Records a good verdict; `start` is the time that its process took to its first one.
    func judged(start: Duration?) {
        state.withLock { state in
            state.held -= 1
            state.fruitless = 0
            if let start { state.slowestStart = max(start, state.slowestStart ?? .zero) }
        }
    }

    /// Records that a process ended unexpectedly.
    ///
    /// - Parameters:
    ///   - items: the answers that it held.
    ///   - alone: whether it held one answer, which is therefore to blame.
    ///   - isToBlame: whether the failure may be the fault of the answers that it held.
    ///   - isHang: whether it took too long; an answer alone is then certainly to blame.
    /// - Returns: the pause before the next start.
    func failed(
        _ items: [VerifierItem], alone: Bool, isToBlame: Bool, isHang: Bool, wasFruitful: Bool, reason: String
    )
        -> Duration
    {
        var undecided: [VerifierItem] = []
        let (verdict, pause): (Broken?, Duration) = state.withLock { state in
            state.held -= items.count
            for var item in items where !item.batch.isDone {
                if isToBlame { item.failures += 1 }
                if alone, isToBlame, isHang || item.failures >= 3 {
                    undecided.append(item)
                } else {
                    state.suspects.append(item)
                }
            }
            state.figures.undecided += undecided.count
            let hasWorked = state.slowestStart != nil
            // A hanging answer says nothing about a program that has worked.
            if !wasFruitful, !(isHang && hasWorked) { state.fruitless += 1 }
            let limit = hasWorked ? Self.limitLater : Self.limitAtFirst
            guard state.fruitless >= limit else {
                return (nil, isHang ? .zero : .milliseconds(20 << min(state.fruitless, 7)))
            }
            state.fruitless = 0
            defer { (state.waiting, state.suspects) = ([], []) }
            return (Broken(items: state.waiting + state.suspects, starts: limit), .zero)
        }
        for item in undecided { settleUndecided(item, reason) }
        if let verdict {
            let error = ExternalProgramError(
                program.command,
                "no verdict in \(verdict.starts) starts, the last time: \(reason); run it by hand and give it a line such as "
                    + #"{"id":"1","question":"1+1=?","answer":"2","expected":"2","metadata":{}}"#)
            say(error.reason)
            for item in verdict.items { item.batch.fail(error) }
        } else if undecided.isEmpty {
            say(
                items.isEmpty
                    ? reason : "\(reason); what it held (\(items.count)) is judged again, one by one")
        }
        wake()
        return pause
    }

    /// A program that does not work, and the answers that waited for it.
    private struct Broken {
        let items: ArraySlice<VerifierItem>
        let starts: Int
    }

    /// Leaves an answer undecided because its reply cannot be used.
    func leaveUndecided(_ item: VerifierItem, reason: String) {
        state.withLock { state in
            state.held -= 1
            state.figures.undecided += 1
        }
        settleUndecided(item, reason)
    }

    private func settleUndecided(_ item: VerifierItem, _ reason: String) {
        say("\(reason); the answer '\(item.question.answer.text.prefix(80))' is undecided")
        item.batch.settle(item.index, .undecided)
    }

    private func wake() {
        for waker in state.withLock({ $0.wakers }) { waker.wake() }
    }
}
