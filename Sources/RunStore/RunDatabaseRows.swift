import Foundation
import GRDB
import Reasoning
import Reinforcement

/// A row of one table, coded by its property names: `thoughtLength` is the column `thought_length`, and a nested value
/// is JSON text. Inserting it replaces the row of the same primary key.
protocol RunRow: Codable, FetchableRecord, PersistableRecord {}

extension RunRow {
    static var databaseColumnEncodingStrategy: DatabaseColumnEncodingStrategy { .convertToSnakeCase }
    static var databaseColumnDecodingStrategy: DatabaseColumnDecodingStrategy {
        .custom { RecordCoding.Key(RecordCoding.property(of: $0)) }
    }
    static func databaseJSONEncoder(for column: String) -> JSONEncoder { RecordCoding.encoder }
    static func databaseJSONDecoder(for column: String) -> JSONDecoder { RecordCoding.decoder }
    static var persistenceConflictPolicy: PersistenceConflictPolicy {
        PersistenceConflictPolicy(insert: .replace, update: .replace)
    }
}

struct StepRow: RunRow {
    static let databaseTableName = "steps"

    let step: Int
    let time: Double
    let seconds: Double
    let reward: Double
    let format: Double
    let accuracy: Double
    let thoughtLength: Double
    let tokens: Int
    let metrics: StepMetrics

    init(_ metrics: StepMetrics) {
        step = metrics.step
        time = metrics.time
        seconds = metrics.seconds
        reward = metrics.reward
        format = metrics.format
        accuracy = metrics.accuracy
        thoughtLength = metrics.thoughtLength
        tokens = metrics.tokens
        self.metrics = metrics
    }
}

extension EvaluationRecord: RunRow {
    static let databaseTableName = "evaluations"
}

extension EventRecord: RunRow {
    static let databaseTableName = "events"
}

struct GroupRow: RunRow {
    static let databaseTableName = "groups"

    let version: Int
    let purpose: Purpose
    let problem: Int
    let problemID: String
    let question: String
    let expected: String
    let difficulty: Int
    let samples: Int
    let correct: Int
    let rewardMean: Double
    let rewardMin: Double
    let rewardMax: Double
    let worker: String?

    init(_ group: TraceGroup, in round: RoundID, worker: String?) {
        let asked = group.problem.problem
        let rewards = group.traces.map(\.reward.total)
        version = round.step
        purpose = round.purpose
        problem = group.problem.index
        problemID = asked.id
        question = asked.question
        expected = asked.expected
        difficulty = asked.difficulty
        samples = rewards.count
        correct = group.traces.count { $0.reward.verdict == .correct }
        rewardMean = rewards.reduce(0, +) / Double(rewards.count)
        rewardMin = rewards.min() ?? 0
        rewardMax = rewards.max() ?? 0
        self.worker = worker
    }
}

struct TraceRow: RunRow {
    static let databaseTableName = "traces"

    let version: Int
    let purpose: Purpose
    let problem: Int
    let sample: Int
    let response: String
    let tokens: Int
    let finish: Finish
    let reward: Double
    let rewardFormat: Double
    let rewardAccuracy: Double
    /// Nil when there was no answer to judge.
    let verdict: Verdict.Kind?
    let credit: Double?

    init(_ scored: ScoredTrace) {
        let id = scored.trace.id
        version = id.round.step
        purpose = id.round.purpose
        problem = id.problem
        sample = id.sample
        response = scored.response
        tokens = scored.trace.tokens.count
        finish = scored.trace.finish
        reward = scored.reward.total
        rewardFormat = scored.reward.format
        rewardAccuracy = scored.reward.accuracy
        verdict = scored.reward.verdict?.kind
        credit = scored.reward.verdict?.credit
    }

    /// The verdict with its credit.
    ///
    /// - Throws: `DatabaseError` for a partial verdict whose credit is not between 0 and 1.
    var judgement: Verdict? {
        get throws {
            switch verdict {
            case nil: return nil
            case .correct: return .correct
            case .wrong: return .wrong
            case .undecided: return .undecided
            case .partial:
                guard let share = Verdict.Share(credit ?? 0) else {
                    throw DatabaseError(
                        resultCode: .SQLITE_CORRUPT,
                        message: "a partial verdict with credit \(credit ?? 0), which is not between 0 and 1")
                }
                return .partial(share)
            }
        }
    }
}

extension StoredTrace: FetchableRecord {
    /// Reads a row of `traces` joined with its `groups`.
    init(row: Row) throws {
        let trace = try TraceRow(row: row)
        self.init(
            version: trace.version, purpose: trace.purpose, problem: trace.problem, sample: trace.sample,
            problemID: try row.decode(forColumn: "problem_id"),
            question: try row.decode(forColumn: "question"),
            expected: try row.decode(forColumn: "expected"),
            difficulty: try row.decode(forColumn: "difficulty"), worker: try row.decode(forColumn: "worker"),
            response: trace.response, tokens: trace.tokens, finish: trace.finish,
            reward: Reward(
                format: trace.rewardFormat, accuracy: trace.rewardAccuracy, verdict: try trace.judgement))
    }
}

struct WorkerRow: RunRow {
    static let databaseTableName = "workers"

    let name: String
    let host: String
    let process: Int
    let state: CoordinatorReport.Worker.State
    let time: Double
    let report: CoordinatorReport.Worker

    init(_ worker: CoordinatorReport.Worker, time: Double) {
        name = worker.name
        host = worker.host
        process = worker.process
        state = worker.state
        self.time = time
        report = worker
    }
}

struct FactRow: RunRow {
    static let databaseTableName = "facts"

    let name: String
    let time: Double
    /// JSON text.
    let value: String
}
