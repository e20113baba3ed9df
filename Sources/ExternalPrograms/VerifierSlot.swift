import Foundation
import Host
import Primitives
import Reasoning

/// One process of a pool and the thread that feeds it, reads it, and ends it when necessary.
///
/// Everything but `start` runs on that thread.
final class VerifierSlot: @unchecked Sendable {
    private let program: ExternalProgram
    private let file: String
    private let queue: VerifierQueue
    private let waker: WakePipe

    private var process: Running?
    /// The held answers by id.
    private var held: [String: Held] = [:]
    /// Whether the held answer must be judged alone.
    private var isAlone = false
    private var pauseUntil = ContinuousClock.now

    /// Number of verdicts after which the oldest ids are forgotten.
    private static let remembered = 4096

    private struct Held {
        let item: VerifierItem
        /// The latest time for the verdict.
        let deadline: ContinuousClock.Instant
    }

    private struct Running {
        let process: ProgramProcess
        let started = ContinuousClock.now
        var lines = LineBuffer(limit: VerifierReply.limit)
        var errors = LineBuffer(limit: 4096)
        var lastError = ""
        var hasErrors = true
        /// Bytes that are not written yet.
        var outgoing: ArraySlice<UInt8> = []
        /// The time since which it has owed a verdict without giving one.
        var silentSince = ContinuousClock.now
        var hasJudged = false
        /// Ids of its recent verdicts.
        var judged: Set<String> = []
        /// Lines since its last verdict that are none.
        var remarks = 0
    }

    init(_ program: ExternalProgram, file: String, queue: VerifierQueue) throws(ExternalProgramError) {
        guard let waker = WakePipe() else {
            throw ExternalProgramError(
                program.command, "no descriptors are left; raise the limit with ulimit -n")
        }
        self.program = program
        self.file = file
        self.queue = queue
        self.waker = waker
        queue.register(waker)
    }

    func start() {
        let thread = Thread { [self] in run() }
        thread.name = "ponder-verifier"
        thread.stackSize = 512 << 10
        thread.start()
    }

    private func run() {
        // A write to a process that is gone is an error here, not a signal.
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipe, nil)
        while !queue.isClosed {
            takeMore()
            wait()
        }
        let left = held.values.map(\.item)
        held = [:]
        process.take()?.process.end()
        for item in left { item.batch.fail(ExternalProgramError(program.command, "it was stopped")) }
        queue.threadEnded()
    }

    // MARK: - Held answers

    private func takeMore() {
        guard !isAlone, ContinuousClock.now >= pauseUntil else { return }
        let (items, alone) = queue.take(holding: held.count)
        guard !items.isEmpty else { return }
        if process == nil {
            do {
                process = Running(process: try ProgramProcess(program, file: file))
                queue.started()
            } catch {
                return conclude("it cannot be started: \(error.reason)", items, alone: alone)
            }
        }
        isAlone = alone
        let now = ContinuousClock.now
        if held.isEmpty { process?.silentSince = now }
        for item in items {
            // A process that judges one answer after another may need one time limit for each answer that it
            // holds.
            let deadline = now + startAllowance + program.timeout * (held.count + 1)
            held[item.id] = Held(item: item, deadline: deadline)
            process?.outgoing += item.question.line(id: item.id)
        }
    }

    private var startAllowance: Duration { process?.hasJudged == true ? .zero : queue.startAllowance }

    /// The next time at which something must have happened.
    private var deadline: ContinuousClock.Instant? {
        guard let process, !held.isEmpty else { return nil }
        let silence = process.silentSince + startAllowance + program.timeout
        return held.values.reduce(silence) { min($0, $1.deadline) }
    }

    // MARK: - One turn

    private func wait() {
        let now = ContinuousClock.now
        var until = deadline ?? now + .seconds(60)
        if held.isEmpty, pauseUntil > now { until = min(until, pauseUntil) }
        var wanted = [pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0)]
        if let running = process {
            wanted.append(pollfd(fd: running.process.output, events: Int16(POLLIN), revents: 0))
            // `poll` ignores a negative descriptor; a program may close its standard error.
            let errors = running.hasErrors ? running.process.errors : -1
            wanted.append(pollfd(fd: errors, events: Int16(POLLIN), revents: 0))
            if !running.outgoing.isEmpty {
                wanted.append(pollfd(fd: running.process.input, events: Int16(POLLOUT), revents: 0))
            }
        }
        do throws(SystemError) {
            _ = try poll(&wanted, until: until)
        } catch {
            return fail("\(error)")
        }
        if wanted[0].revents != 0 { waker.drain() }
        if wanted.count > 2 {
            if wanted[2].revents != 0 { readErrors() }
            if wanted.count > 3, wanted[3].revents != 0 { write() }
            if wanted[1].revents != 0 { read() }
        }
        if let deadline, ContinuousClock.now >= deadline {
            fail("it was killed after \(program.timeout) without a verdict", isHang: true)
        }
    }

    private func write() {
        guard let running = process else { return }
        let count = running.outgoing.withUnsafeBytes {
            Foundation.write(running.process.input, $0.baseAddress, $0.count)
        }
        if count > 0 {
            process?.outgoing = running.outgoing.dropFirst(count)
        } else if count < 0, errno != EAGAIN, errno != EINTR {
            // The program closed its standard input. Earlier output may be worth reading; its end is seen
            // there.
            process?.outgoing = []
        }
    }

    private func readErrors() {
        guard let running = process, running.hasErrors, let chunk = Self.bytes(of: running.process.errors)
        else { return }
        if chunk.isEmpty { process?.hasErrors = false }
        process?.errors.append(chunk)
        do throws(LineBuffer.TooLong) {
            while let line = try process?.errors.next() { passError(line) }
        } catch {
            passError(process?.errors.takeRest() ?? [])
        }
    }

    private func passError(_ line: [UInt8]) {
        guard !line.isEmpty else { return }
        let text = String(decoding: line, as: UTF8.self)
        process?.lastError = text
        queue.pass(text)
    }

    private func read() {
        guard let descriptor = process?.process.output, let chunk = Self.bytes(of: descriptor) else { return }
        guard !chunk.isEmpty else { return endedByItself() }
        process?.lines.append(chunk)
        do throws(LineBuffer.TooLong) {
            // `take` may end the process.
            while let line = try process?.lines.next() {
                if !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { take(line) }
            }
        } catch {
            fail("it wrote a line of more than \(VerifierReply.limit) bytes and was killed")
        }
    }

    private func take(_ line: [UInt8]) {
        let shown = String(decoding: line.prefix(120), as: UTF8.self)
        let (id, given): (String, Verdict?)
        switch VerifierReply(line) {
        case .verdict(let replied, let verdict): (id, given) = (replied, verdict)
        case .unusable(let reason): return fail("it wrote '\(shown)', which \(reason), and was killed")
        case .remark: return takeRemark(line)
        }
        guard let item = held.removeValue(forKey: id)?.item else {
            // A repeated verdict is not the fault of the answers that it holds now.
            let isRepeated = process?.judged.contains(id) == true
            return fail(
                "it wrote '\(shown)', whose id \(isRepeated ? "was answered before" : "nobody asked for"), and was killed",
                isToBlame: !isRepeated)
        }
        guard let verdict = given else {
            queue.leaveUndecided(
                item, reason: "it wrote '\(shown)', whose reward is not within 0...1, and was killed")
            return fail("it was killed for that reward")
        }
        let now = ContinuousClock.now
        let start = process.flatMap { $0.hasJudged ? nil : now - $0.started }
        process?.hasJudged = true
        if process?.judged.count == Self.remembered { process?.judged = [] }
        process?.judged.insert(id)
        process?.remarks = 0
        process?.silentSince = now
        if held.isEmpty { isAlone = false }
        queue.judged(start: start)
        item.batch.settle(item.index, verdict)
    }

    /// Passes on a line that is no verdict, as what the program says on its standard error.
    private func takeRemark(_ line: [UInt8]) {
        process?.remarks += 1
        guard let remarks = process?.remarks, remarks <= VerifierReply.remarkLimit else {
            return fail(
                "it wrote more than \(VerifierReply.remarkLimit) lines that are no verdict, and none that is; it was killed"
            )
        }
        passError(line)
    }

    // MARK: - Ends

    private func endedByItself() {
        readErrors()
        guard let running = process else { return }
        let end = running.process.end(grace: .milliseconds(500))
        let said = running.lastError.isEmpty ? "" : ", saying '\(running.lastError.prefix(200))'"
        fail("it ended with \(end)\(said)")
    }

    /// Kills the process; the answers that it held are judged again or left undecided.
    private func fail(_ reason: String, isToBlame: Bool = true, isHang: Bool = false) {
        let wasFruitful = process?.hasJudged == true
        process.take()?.process.end()
        let items = held.values.map(\.item).sorted { $0.index < $1.index }
        let wasAlone = isAlone || items.count == 1
        held = [:]
        isAlone = false
        conclude(
            reason, items, alone: wasAlone, isToBlame: isToBlame, isHang: isHang, wasFruitful: wasFruitful)
    }

    private func conclude(
        _ reason: String, _ items: [VerifierItem], alone: Bool, isToBlame: Bool = true, isHang: Bool = false,
        wasFruitful: Bool = false
    ) {
        let pause = queue.failed(
            items, alone: alone, isToBlame: isToBlame, isHang: isHang, wasFruitful: wasFruitful,
            reason: reason)
        pauseUntil = .now + pause
    }

    /// Reads what is there at once; empty at the end, nil when there is nothing yet.
    private static func bytes(of descriptor: Int32) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let count = Foundation.read(descriptor, &chunk, chunk.count)
        if count < 0 { return errno == EAGAIN || errno == EINTR ? nil : [] }
        chunk.removeLast(chunk.count - count)
        return chunk
    }
}
