import Foundation
import GRDB
import Reasoning
import Reinforcement
import Scheduling

/// A row of one table.
///
/// Its properties are the columns, in camelCase: `thoughtLength` is the column `thought_length`. A nested
/// value is stored as JSON text. Inserting a row replaces the row with the same primary key.
protocol RunRow: PersistableRecord {}

extension RunRow {
    static var databaseColumnEncodingStrategy: DatabaseColumnEncodingStrategy { .convertToSnakeCase }
    static func databaseJSONEncoder(for column: String) -> JSONEncoder { RecordCoding.encoder }
    static var persistenceConflictPolicy: PersistenceConflictPolicy {
        PersistenceConflictPolicy(insert: .replace, update: .replace)
    }
}

extension RunRow where Self: FetchableRecord {
    static var databaseColumnDecodingStrategy: DatabaseColumnDecodingStrategy {
        .custom { RecordCoding.Key(RecordCoding.property(of: $0)) }
    }
    static func databaseJSONDecoder(for column: String) -> JSONDecoder { RecordCoding.decoder }
}

struct StepRow: RunRow {
    static let databaseTableName = "steps"

    let metrics: StepMetrics

    func encode(to row: inout PersistenceContainer) throws {
        row["step"] = metrics.step
        row["time"] = metrics.time
        row["seconds"] = metrics.seconds
        row["reward"] = metrics.reward
        row["format"] = metrics.format
        row["accuracy"] = metrics.accuracy
        row["thought_length"] = metrics.thoughtLength
        row["tokens"] = metrics.tokens
        row["metrics"] = try RecordCoding.text(metrics)
    }
}

extension EvaluationRecord: RunRow, FetchableRecord {
    static let databaseTableName = "evaluations"
}

extension EventRecord: RunRow, FetchableRecord {
    static let databaseTableName = "events"
    static var databaseColumnDecodingStrategy: DatabaseColumnDecodingStrategy { .useDefaultKeys }
}

struct GroupRow: RunRow {
    static let databaseTableName = "groups"

    let group: TraceGroup
    let round: RoundID

    func encode(to row: inout PersistenceContainer) {
        let asked = group.problem.problem
        let rewards = group.traces.map(\.reward.total)
        row["version"] = round.step
        row["purpose"] = round.purpose.rawValue
        row["problem"] = group.problem.index
        row["problem_id"] = asked.id
        row["question"] = asked.question
        row["expected"] = asked.expected
        row["difficulty"] = asked.difficulty
        row["samples"] = rewards.count
        row["correct"] = group.traces.count { $0.reward.verdict == .correct }
        row["reward_mean"] = rewards.reduce(0, +) / Double(rewards.count)
        row["reward_min"] = rewards.min()
        row["reward_max"] = rewards.max()
        row["worker"] = group.worker
    }
}

struct TraceRow: RunRow, Codable, FetchableRecord {
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
    /// Nil when there is no answer to judge.
    let verdict: Verdict.Kind?
    let credit: Double?

    init(_ scored: ScoredTrace) {
        let id = scored.trace.id
        version = id.round.step
        purpose = id.round.purpose
        problem = id.problem
        sample = id.sample
        response = scored.response
        tokens = scored.trace.sampledCount
        finish = scored.trace.finish
        reward = scored.reward.total
        rewardFormat = scored.reward.format
        rewardAccuracy = scored.reward.accuracy
        verdict = scored.reward.verdict?.kind
        credit = scored.reward.verdict?.credit
    }

    /// The verdict with its credit.
    ///
    /// - Throws: `DatabaseError` for a partial verdict whose credit is outside 0 to 1.
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
    /// Reads a row of `traces` joined with `groups`.
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

extension WorkerRecord: RunRow, FetchableRecord {
    static let databaseTableName = "workers"

    init(row: Row) throws {
        let report = Data(try row.decode(String.self, forColumn: "report").utf8)
        self.init(
            worker: try RecordCoding.decode(CoordinatorReport.Worker.self, from: report),
            time: try row.decode(forColumn: "time"))
    }

    func encode(to row: inout PersistenceContainer) throws {
        row["name"] = worker.name
        row["host"] = worker.host
        row["process"] = worker.process
        row["state"] = worker.state.rawValue
        row["time"] = time
        row["report"] = try RecordCoding.text(worker)
    }
}

struct FactRow: RunRow, Codable, FetchableRecord {
    static let databaseTableName = "facts"

    let name: String
    let time: Double
    /// The value as JSON text.
    let value: String
}
