import Foundation
import Host
import Reasoning
import Reinforcement
import Testing

@testable import RunStore

@Suite struct RunDatabaseTests {
    let scratch: Scratch
    let run: RunDirectory

    init() throws {
        scratch = try Scratch()
        run = try scratch.run()
    }

    private func event(_ message: String = "hello") -> EventRecord {
        EventRecord(time: 5, monotonic: 1.5, incarnation: 1, step: 2, kind: "note", message: message)
    }

    @Test func `a database whose tables are not made yet has nothing to say, and is no error`() throws {
        try Data().write(to: run.database)
        #expect(try RunDatabase.openReadOnly(run).summary() == nil)
    }

    @Test(arguments: [FileSystemKind.local, .network])
    func `what is recorded is read back, on local and network file systems`(kind: FileSystemKind) throws {
        let database = try RunDatabase.open(run, on: kind)
        var odd = StepMetrics.sample(step: 2)
        odd.loss = .infinity
        odd.gradientNorm = nil
        try database.record(.sample(step: 1), groups: [.sample(version: 0)], traceLimit: 100)
        try database.record(odd, groups: [], traceLimit: 100)
        var details = EvaluationRecord.Details()
        details.byDifficulty[2] = EvaluationRecord.Figures()
        details.byDifficulty[2]?.accuracy = 0.25
        details.tokens = 7
        let evaluation = EvaluationRecord(
            version: PolicyVersion(0), purpose: .evaluation, time: 9, problems: 512, correct: 51,
            formatted: 100, thoughtLength: 8, details: details)
        try database.record(evaluation)
        try database.record([event(), event("again")])
        try database.record(.phase, "running", time: 3)
        let summary = try #require(try database.summary())
        #expect(summary.last == odd)
        #expect(try database.steps() == [.sample(step: 1), odd])
        #expect(summary.evaluations == [evaluation])
        #expect(summary.events == [event(), event("again")])
        #expect(try summary.fact(.phase, as: String.self) == "running")
        #expect(try summary.fact(.result, as: String.self) == nil)
        try database.close()
        #expect(try RunDatabase.openReadOnly(run).summary() == summary)
    }

    @Test func `a network file system gets a rollback journal and a local one a log`() throws {
        func log() -> Bool { FileManager.default.fileExists(atPath: run.database.path + "-wal") }
        let local = try RunDatabase.open(run, on: .local)
        try local.record([event()])
        #expect(log())
        try local.close()
        #expect(!log())
        let network = try RunDatabase.open(run, on: .network)
        try network.record([event()])
        #expect(!log())
    }

    @Test func `recording a step again replaces it`() throws {
        let database = try RunDatabase.open(run)
        for _ in 1...2 { try database.record(.sample(step: 1), groups: [.sample(version: 0)], traceLimit: 9) }
        #expect(try database.steps().count == 1)
        #expect(try database.traces(TraceFilter()).count == 4)
    }

    @Test func `traces are kept by whole groups within the limit`() throws {
        let database = try RunDatabase.open(run)
        let groups = (0..<5).map { TraceGroup.sample(version: 0, problem: $0) }
        try database.record(.sample(step: 1), groups: groups, traceLimit: 11)
        #expect(try database.traces(TraceFilter()).map(\.problem) == [0, 0, 0, 0, 1, 1, 1, 1])
    }

    @Test func `traces are found by each of their properties`() throws {
        let database = try RunDatabase.open(run)
        try database.record(
            .sample(step: 1),
            groups: [
                .sample(version: 0, problem: 0, worker: "w1"),
                .sample(version: 0, problem: 1, worker: "w2", response: "blurt 100%_"),
            ], traceLimit: 100)
        try database.record(.sample(step: 2), groups: [.sample(version: 1)], traceLimit: 100)
        func count(_ change: (inout TraceFilter) -> Void) throws -> Int {
            var filter = TraceFilter()
            change(&filter)
            return try database.traces(filter).count
        }
        #expect(try count { _ in } == 12)
        #expect(try count { $0.versions = 1...1 } == 4)
        #expect(try count { $0.purpose = .evaluation } == 0)
        #expect(try count { $0.purpose = nil } == 12)
        #expect(try count { $0.rewards = 1...2 } == 3)
        #expect(try count { $0.problemID = "bills/1" } == 4)
        #expect(try count { $0.worker = "w2" } == 4)
        #expect(try count { $0.worker = "'; DROP TABLE traces; --" } == 0)
        #expect(try count { $0.verdict = .correct } == 3)
        #expect(try count { $0.containing = "100%_" } == 4)
        #expect(try count { $0.tokens = 4...9 } == 0)
        #expect(try count { $0.limit = 5 } == 5)
        let first = try #require(try database.traces(TraceFilter()).first)
        #expect(first.version == 1 && first.sample == 0 && first.worker == "w1" && first.tokens == 3)
        #expect(first.reward == Reward(format: 0.2, accuracy: 1, verdict: .correct))
    }

    @Test func `traces come in the order that is asked for`() throws {
        let database = try RunDatabase.open(run)
        for version in 0...1 {
            try database.record(
                .sample(step: version + 1), groups: [.sample(version: version, samples: 2)], traceLimit: 100)
        }
        func order(_ order: TraceFilter.Order) throws -> [[Int]] {
            var filter = TraceFilter()
            filter.order = order
            return try database.traces(filter).map { [$0.version, $0.sample] }
        }
        #expect(try order(.newest) == [[1, 0], [1, 1], [0, 0], [0, 1]])
        #expect(try order(.oldest) == [[0, 0], [0, 1], [1, 0], [1, 1]])
        // The first sample of each group is right.
        #expect(try order(.best) == [[1, 0], [0, 0], [1, 1], [0, 1]])
        #expect(try order(.worst) == [[1, 1], [0, 1], [1, 0], [0, 0]])
    }

    @Test func `the problem that changed was wrong at first and is right now`() throws {
        let database = try RunDatabase.open(run)
        func evaluate(_ version: Int, right: Set<Int>) throws {
            let groups = (0...2).map { problem in
                let sample = TraceGroup.sample(
                    version: version, purpose: .evaluation, problem: problem, samples: 2)
                // Of the two samples the first is right and the second has no verdict.
                let trace = sample.traces[right.contains(problem) ? 0 : 1]
                let id = SampleID(round: trace.trace.id.round, problem: problem, sample: 0)
                let first = ScoredTrace(
                    trace: Trace(
                        id: id, tokens: [1], logProbabilities: [0], version: PolicyVersion(version),
                        finish: .end),
                    response: trace.response, form: nil, thought: nil, reward: trace.reward)
                return TraceGroup(problem: sample.problem, prompt: [], traces: [first], worker: "w")
            }
            try database.record(
                EvaluationRecord(
                    version: PolicyVersion(version), purpose: .evaluation, time: 1, problems: 3,
                    correct: right.count, formatted: 3, thoughtLength: 1), groups: groups, traceLimit: 100)
        }
        try evaluate(0, right: [2])
        #expect(try database.changedProblem() == nil)
        try evaluate(10, right: [1, 2])
        #expect(try database.changedProblem() == "bills/1")
    }

    @Test func `further rewards are kept by name, and what is excluded is marked`() throws {
        let database = try RunDatabase.open(run)
        let half = try #require(Verdict(credit: 0.5))
        let reward = Reward(
            format: 0.2, accuracy: 0, verdict: .undecided,
            further: [
                .init(name: "brief", value: -0.25, verdict: half),
                .init(name: "none", value: 0, verdict: nil),
            ], isExcluded: true)
        let sample = TraceGroup.sample(version: 0, samples: 1)
        let trace = ScoredTrace(
            trace: sample.traces[0].trace, response: "x", form: nil, thought: nil, reward: reward)
        var metrics = StepMetrics.sample(step: 1)
        metrics.rewards = ["brief": 0.5, "oneMore_2": 1]
        metrics.excluded = 1
        try database.record(
            metrics,
            groups: [TraceGroup(problem: sample.problem, prompt: [], traces: [trace], worker: "w")],
            traceLimit: 9)
        #expect(try database.traces(TraceFilter()).map(\.reward) == [reward])
        #expect(try database.steps() == [metrics])
    }

    @Test func `a partial verdict is kept with its credit`() throws {
        let database = try RunDatabase.open(run)
        let quarter = try #require(Verdict(credit: 0.25))
        let sample = TraceGroup.sample(version: 0, samples: 1)
        let trace = ScoredTrace(
            trace: sample.traces[0].trace, response: "x", form: nil, thought: nil,
            reward: Reward(format: 0.2, accuracy: 0.25, verdict: quarter))
        try database.record(
            .sample(step: 1),
            groups: [
                TraceGroup(problem: sample.problem, prompt: [], traces: [trace], worker: "w")
            ],
            traceLimit: 9)
        var filter = TraceFilter()
        filter.verdict = .partial
        #expect(try database.traces(filter).map(\.reward) == [trace.reward])
    }

    @Test func `a resume cuts what will be done again and says so`() throws {
        let database = try RunDatabase.open(run)
        for step in 1...6 {
            try database.record(.sample(step: step), groups: [.sample(version: step - 1)], traceLimit: 9)
        }
        for version in [0, 4, 5] {
            let evaluation = EvaluationRecord(
                version: PolicyVersion(version), purpose: .evaluation, time: 0, problems: 1, correct: 0,
                formatted: 0, thoughtLength: 0)
            let groups = [TraceGroup.sample(version: version, purpose: .evaluation, samples: 1)]
            try database.record(evaluation, groups: groups, traceLimit: 1)
        }
        let resumed = EventRecord(
            time: 0, monotonic: 0, incarnation: 2, step: 4, kind: "resumed", message: "from step 4")
        #expect(try database.cut(after: 4, event: resumed) == 2)
        #expect(try database.steps().map(\.step) == [1, 2, 3, 4])
        #expect(try database.evaluations().map(\.version.rawValue) == [0, 4])
        var filter = TraceFilter()
        filter.purpose = nil
        #expect(
            Set(try database.traces(filter).map { "\($0.purpose) \($0.version)" }).sorted() == [
                "evaluation 0", "evaluation 4", "training 0", "training 1", "training 2", "training 3",
            ])
        let last = try #require(try database.events(last: 1).first)
        #expect(last.kind == "resumed" && last.incarnation == 2 && last.message.contains("2 later steps cut"))
    }

    @Test func `the newest events come in their order, and a flood is bounded`() throws {
        let database = try RunDatabase.open(run)
        for number in 0..<30 { try database.record([event("\(number)")], keeping: 20) }
        #expect(try database.events(last: 2).map(\.message) == ["28", "29"])
        #expect(try database.events(last: .max).count == 20)
    }

    @Test func `a finished run's state is read in 50 ms, and while it is being written`() throws {
        let database = try RunDatabase.open(run)
        for step in 1...60 {
            let groups = (0..<32).map { TraceGroup.sample(version: step - 1, problem: $0, samples: 8) }
            try database.record(.sample(step: step), groups: groups, traceLimit: 256)
        }
        #expect(try RunDatabase.openReadOnly(run).summary()?.last?.step == 60)
        try database.close()
        let clock = ContinuousClock()
        // The best of a few: other processes use these cores too.
        var least = Duration.seconds(60)
        for _ in 0..<5 {
            let start = clock.now
            let last = try RunDatabase.openReadOnly(run).summary()?.last
            least = min(least, clock.now - start)
            #expect(last?.step == 60)
        }
        #expect(least < .milliseconds(50))
    }

    @Test func `reading needs no right to write the folder`() async throws {
        let database = try RunDatabase.open(run)
        try database.record([event()])
        let root = run.root.path
        // Unprivileged, since nothing is read-only to root; live first, then without its log.
        for isLive in [true, false] {
            if !isLive { try database.close() }
            try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: root)
            await #expect(processExitsWith: .success) { [root = root as String] in
                if getuid() == 0 { setuid(65534) }
                let run = RunDirectory(root: URL(filePath: root))
                let count = try RunDatabase.openReadOnly(run).events(last: 5).count
                exit(count == 1 ? 0 : 1)
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: root)
        }
    }

    @Test func `a file that is no database is a typed error with a remedy`() throws {
        try Data(repeating: 7, count: 9000).write(to: run.database)
        for open in [{ try RunDatabase.open(run) }, { try RunDatabase.openReadOnly(run) }] {
            #expect {
                _ = try open()
            } throws: {
                ($0 as? RunDatabaseError)?.kind == .damaged && "\($0)".contains("checkpoints are untouched")
            }
        }
    }

    @Test func `a run without records is a typed error`() throws {
        #expect { try RunDatabase.openReadOnly(run) } throws: {
            ($0 as? RunDatabaseError)?.kind == .cannotOpen
        }
    }

    @Test func `a killed writer leaves whole steps only`() async throws {
        let root = run.root.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [root = root as String] in
            let run = RunDirectory(root: URL(filePath: root))
            let database = try RunDatabase.open(run)
            Thread {
                // Kills its own process while the other thread is somewhere in a step.
                while (try? RunDatabase.openReadOnly(run).steps().count) ?? 0 < 20 {}
                kill(getpid(), SIGKILL)
            }.start()
            for step in 1...100_000 {
                try database.record(.sample(step: step), groups: [.sample(version: step - 1)], traceLimit: 9)
            }
        }
        let database = try RunDatabase.open(run)
        let steps = try database.steps().map(\.step)
        #expect(steps.count >= 20 && steps == Array(1...steps.count))
        var filter = TraceFilter()
        filter.limit = .max
        #expect(try database.traces(filter).count == 4 * steps.count)
    }
}

@Suite struct FileSystemKindTests {
    private let mounts = """
        22 28 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
        90 28 0:53 / /home rw,relatime shared:9 master:2 - nfs4 server:/home rw
        91 28 0:54 / /mnt/a\\040b rw - fuse.sshfs host: rw
        92 28 7:4100 / /snap rw - fuseblk /dev/loop rw
        """

    @Test(arguments: [
        (0x801, FileSystemKind.local), (53, .network), (54, .network), (0x10_0704, .local), (999, .local),
    ])
    func `a device's file system is found by its number`(device: Int, kind: FileSystemKind) {
        #expect(FileSystemKind(device: UInt64(device), mounts: mounts) == kind)
    }

    @Test func `the kernel's own file systems are local, and a path that is not there is an error`() throws {
        for path in ["/proc", "/sys", "/dev"] { #expect(try FileSystemKind(of: path) == .local, "\(path)") }
        #expect { try FileSystemKind(of: "/proc/no such file") } throws: {
            ($0 as? FileError)?.code == ENOENT
        }
    }
}
