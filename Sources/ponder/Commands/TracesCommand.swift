import ArgumentParser
import Foundation
import ModelFiles
import Reasoning
import Reinforcement
import RunStore
import Tokenization

struct TracesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "traces",
        abstract: "Shows what a run's policy thought: recorded traces with question, verdict and reward.",
        discussion: """
            Examples:
              ponder traces --run last
              ponder traces --run runs/today --step 12 --best
              ponder traces --run runs/today --verdict wrong --text wait
              ponder traces --run runs/today --changed
              ponder traces --run runs/today --tokens --limit 1
              ponder traces --run runs/today --purpose all --json

            A step's traces come from the policy before it: step 12 learns from policy 11. --changed shows one \
            held-out problem at every evaluation, from the first answer to the last. Traces are read from run.sqlite, \
            which keeps records.traces of a step, with tokens records.tokens of these. On a terminal they come page by \
            page.

            --text finds words that follow each other, in upper or lower case and whatever signs are between them; a * at \
            the end finds beginnings of words: --text 'check*'. Text without words or with letters beyond ASCII is \
            searched letter by letter, which takes longer.
            """)

    enum Ranking: String, EnumerableFlag {
        case best, worst, longest

        static func help(for value: Ranking) -> ArgumentHelp? {
            switch value {
            case .best: "Highest rewards first."
            case .worst: "Lowest rewards first."
            case .longest: "Most response tokens first."
            }
        }
    }

    /// What traces were sampled for.
    enum Which: String, CaseIterable, ExpressibleByArgument {
        case training, evaluation, direct, all
    }

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("A run's folder, live or finished; `last` is the newest.", valueName: "dir"))
    var folder: String

    @Option(help: ArgumentHelp("Traces of one step, or of steps a-b.", valueName: "n|a-b"))
    var step: String?

    @Option(help: ArgumentHelp("The problem's id.", valueName: "id"))
    var problem: String?

    @Option(help: "correct, partial, wrong or undecided.")
    var verdict: String?

    @Option(name: .customLong("min-reward"), help: ArgumentHelp("Least total reward.", valueName: "x"))
    var minReward: Double?

    @Option(name: .customLong("max-reward"), help: ArgumentHelp("Greatest total reward.", valueName: "x"))
    var maxReward: Double?

    @Option(
        name: .customLong("min-tokens"),
        help: ArgumentHelp("Least number of response tokens.", valueName: "n"))
    var minTokens: Int?

    @Option(
        name: .customLong("max-tokens"),
        help: ArgumentHelp("Greatest number of response tokens.", valueName: "n"))
    var maxTokens: Int?

    @Option(help: ArgumentHelp("The worker that sampled it.", valueName: "name"))
    var worker: String?

    @Option(help: ArgumentHelp("Words that the response contains.", valueName: "text"))
    var text: String?

    @Option(help: "What the traces were sampled for: training, evaluation, direct or all.")
    var purpose: Which = .training

    @Flag(exclusivity: .exclusive)
    var ranking: Ranking?

    @Flag(help: "One held-out problem across training: wrong at first, right now, or that of --problem.")
    var changed = false

    @Flag(help: "Traces whose tokens are kept: each token with its log-probability, advantage and policy.")
    var tokens = false

    @Option(help: ArgumentHelp("Number of traces, 1 to 100000.", valueName: "n"))
    var limit = 10

    @Flag(help: "One JSON object a line.")
    var json = false

    func validate() throws {
        guard (1...100_000).contains(limit) else {
            throw ValidationError("--limit must be from 1 to 100000.")
        }
        if let verdict, Verdict.Kind(rawValue: verdict) == nil {
            throw ValidationError("--verdict must be correct, partial, wrong or undecided, not '\(verdict)'.")
        }
        _ = try steps()
    }

    func run() throws {
        let run = try RunDirectory.existing(named: folder)
        let records = try RunDatabase.openReadOnly(run)
        var filter = try self.filter()
        if changed {
            guard let id = try problem ?? records.changedProblem() else {
                throw CommandFailure(
                    .failed,
                    "no held-out problem that was wrong at the first evaluation is right at the last; give --problem"
                )
            }
            filter.problemID = id
            filter.purpose = .evaluation
            filter.order = .oldest
        }
        var traces = try records.traces(filter)
        if traces.isEmpty {
            StandardError.write(
                tokens
                    ? "no recorded trace with tokens matches; records.tokens of a training step are kept"
                    : "no recorded trace matches")
        }
        let tokenizer = tokens ? try tokenizer(of: run) : nil
        for index in traces.indices {
            traces[index].tokenList =
                tokens ? try traces[index].tokenList?.map { try $0.named(by: tokenizer) } : nil
        }
        if json { return try traces.forEach { print(try $0.line()) } }
        if !traces.isEmpty { Pager.show(traces.map(\.text).joined(separator: "\n")) }
    }

    /// The tokenizer of the run's newest policy; nil before the first checkpoint, when tokens have their ids alone.
    private func tokenizer(of run: RunDirectory) throws -> Tokenizer? {
        let policy = run.policy.resolvingSymlinksInPath().path
        guard FileManager.default.fileExists(atPath: "\(policy)/config.json") else { return nil }
        return try ModelDirectory(path: policy).tokenizer
    }

    private func filter() throws -> TraceFilter {
        var filter = TraceFilter()
        // A step learns from the policy before it.
        filter.versions = try steps().map { steps in
            purpose == .training && !changed ? steps.lowerBound - 1...steps.upperBound - 1 : steps
        }
        filter.purpose = Purpose(rawValue: purpose.rawValue)
        if minReward != nil || maxReward != nil {
            filter.rewards = (minReward ?? -.infinity)...(maxReward ?? .infinity)
        }
        if minTokens != nil || maxTokens != nil { filter.tokens = (minTokens ?? 0)...(maxTokens ?? .max) }
        filter.problemID = problem
        filter.worker = worker
        filter.verdict = verdict.flatMap(Verdict.Kind.init(rawValue:))
        filter.containing = text
        filter.hasTokens = tokens
        filter.limit = limit
        switch ranking {
        case nil: filter.order = .newest
        case .best: filter.order = .best
        case .worst: filter.order = .worst
        case .longest: filter.order = .longest
        }
        return filter
    }

    private func steps() throws -> ClosedRange<Int>? {
        guard let step else { return nil }
        let bounds = step.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, bounds.count < 3,
            0...last ~= first
        else { throw ValidationError("--step must be a number or a range such as 10-20, not '\(step)'.") }
        return first...last
    }
}

extension TokenRecord.Token {
    fileprivate func named(by tokenizer: Tokenizer?) throws -> Self {
        var token = self
        token.text = try tokenizer?.decode([id])
        return token
    }
}

extension StoredTrace {
    /// The trace under a line with its facts, and its tokens where they were asked for.
    fileprivate var text: String {
        let said = reward.verdict.map { $0.kind == .correct ? "right" : $0.kind.rawValue } ?? "no answer"
        let place = purpose == .training ? "step \(version + 1)" : "policy \(version), \(purpose.rawValue)"
        let facts = [
            "\(place), \(problemID), sample \(sample)", said, "reward \(reward.total.shown(2))",
            "\(tokens) tokens" + (finish == .length ? ", cut" : ""),
        ]
        return """
            \(Terminal.faint(facts.joined(separator: "  ").printable()))
            \(question.printable(lines: true))   (expected \(expected.printable()))
            \(response.printable(lines: true))
            \(tokenTable)
            """
    }

    private var tokenTable: String {
        guard let tokenList else { return "" }
        func line(_ id: String, _ text: String, _ rest: String...) -> String {
            id.padded(8, right: true) + "  " + text.padded(24)
                + rest.map { $0.padded(11, right: true) }.joined() + "\n"
        }
        return line("id", "token", "log prob", "advantage", "policy")
            + tokenList.map { token in
                line(
                    "\(token.id)", token.text.map { "'\($0.printable())'" } ?? "",
                    token.logProbability.map { Double($0).shown(4) } ?? "given",
                    token.advantage.map { Double($0).shown(4) } ?? "-", token.version.map { "\($0)" } ?? "-")
            }.joined()
    }
}
