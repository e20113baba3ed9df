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

/// A row of which a step writes hundreds: one statement serves all rows of a table.
///
/// `PersistableRecord` takes several times as long.
protocol FrequentRow {
    static var tableName: String { get }
    static var columns: [String] { get }
    /// A value for each column.
    var values: [(any DatabaseValueConvertible)?] { get throws }
}

extension FrequentRow {
    /// Inserts new rows.
    static func insert(_ rows: some Sequence<Self>, _ database: Database) throws {
        let places = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        let statement = try database.cachedStatement(
            sql: "INSERT INTO \(tableName) (\(columns.joined(separator: ", "))) VALUES (\(places))")
        for row in rows { try statement.execute(arguments: StatementArguments(row.values)) }
    }
}

struct GroupRow: FrequentRow {
    static let tableName = "groups"
    static let columns = [
        "version", "purpose", "problem", "problem_id", "question", "expected", "difficulty", "samples",
        "correct", "reward_mean", "reward_min", "reward_max", "worker",
    ]

    let group: TraceGroup
    let round: RoundID

    var values: [(any DatabaseValueConvertible)?] {
        let asked = group.problem.problem
        let rewards = group.traces.map(\.reward.total)
        return [
            round.step, round.purpose.rawValue, group.problem.index, asked.id, asked.question, asked.expected,
            asked.difficulty, rewards.count, group.traces.count { $0.reward.verdict == .correct },
            rewards.reduce(0, +) / Double(rewards.count), rewards.min(), rewards.max(), group.worker,
        ]
    }
}

/// A row of `traces` as it is written.
struct NewTraceRow: FrequentRow {
    static let tableName = "traces"
    static let columns = [
        "version", "purpose", "problem", "sample", "response", "tokens", "finish", "reward", "reward_format",
        "reward_accuracy", "verdict", "credit", "rewards", "excluded", "token_data",
    ]

    let scored: ScoredTrace
    /// Nil when the tokens are not kept.
    let tokens: TokenRecord?

    var values: [(any DatabaseValueConvertible)?] {
        get throws {
            let (trace, reward) = (scored.trace, scored.reward)
            return [
                trace.id.round.step, trace.id.round.purpose.rawValue, trace.id.problem, trace.id.sample,
                scored.response, trace.sampledCount, trace.finish.rawValue, reward.total, reward.format,
                reward.accuracy, reward.verdict?.kind.rawValue, reward.verdict?.credit,
                reward.further.isEmpty ? nil : try RecordCoding.text(reward.further), reward.isExcluded,
                tokens?.packed,
            ]
        }
    }
}

/// A row of `traces` as it is read.
struct TraceRow: Decodable, FetchableRecord {
    static var databaseColumnDecodingStrategy: DatabaseColumnDecodingStrategy {
        .custom { RecordCoding.Key(RecordCoding.property(of: $0)) }
    }

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
    /// nil, as `excluded`, in a run that is older than these columns and has not gone on since.
    let rewards: String?
    let excluded: Bool?
    /// Nil where tokens were not kept.
    let tokenData: Data?

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
                format: trace.rewardFormat, accuracy: trace.rewardAccuracy, verdict: try trace.judgement,
                further: try trace.rewards.map {
                    try RecordCoding.decode([Reward.Part].self, from: Data($0.utf8))
                } ?? [], isExcluded: trace.excluded ?? false),
            tokenList: try trace.tokenData.map { try TokenRecord(packed: $0).each })
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
