import Foundation
import GRDB
import Reasoning
import Reinforcement
import Scheduling

/// What `status` shows of a run, read at one moment.
package struct RunSummary: Sendable, Hashable {
    /// The last step recorded.
    package let last: StepMetrics?
    /// Every measurement, by version.
    package let evaluations: [EvaluationRecord]
    package let workers: [WorkerRecord]
    /// The newest events, oldest first.
    package let events: [EventRecord]
    package let facts: [RunFact: StoredFact]

    /// Reads a fact back.
    ///
    /// - Throws: `DecodingError` when it was recorded as something else.
    package func fact<Value: Decodable>(_ fact: RunFact, as type: Value.Type) throws -> Value? {
        try facts[fact].map { try RecordCoding.decode(type, from: Data($0.json.utf8)) }
    }
}

extension RunDatabase {
    /// Everything that `status` shows, from one consistent moment; nil while its coordinator has not made the tables yet.
    package func summary(events: Int = 20) throws -> RunSummary? {
        try read("read the run's state") { database in
            guard try database.tableExists("steps") else { return nil }
            return RunSummary(
                last: try Self.steps(database, "ORDER BY step DESC LIMIT 1").first,
                evaluations: try Self.evaluations(database),
                workers: try Self.workers(database),
                events: try Self.events(database, last: events),
                facts: try Self.facts(database))
        }
    }

    /// Steps in their order.
    package func steps(_ range: ClosedRange<Int> = 0...Int.max) throws -> [StepMetrics] {
        try read("read steps") { database in
            try Self.steps(
                database, "WHERE step BETWEEN ? AND ? ORDER BY step", [range.lowerBound, range.upperBound])
        }
    }

    package func evaluations() throws -> [EvaluationRecord] {
        try read("read evaluations") { try Self.evaluations($0) }
    }

    package func workers() throws -> [WorkerRecord] {
        try read("read workers") { try Self.workers($0) }
    }

    /// The newest `last` events, oldest first.
    package func events(last: Int) throws -> [EventRecord] {
        try read("read events") { try Self.events($0, last: last) }
    }

    package func fact(_ fact: RunFact) throws -> StoredFact? {
        try read("read the run's \(fact.rawValue)") { try Self.facts($0)[fact] }
    }

    /// Kept traces that pass the filter.
    package func traces(_ filter: TraceFilter) throws -> [StoredTrace] {
        var conditions: [String] = []
        var arguments = StatementArguments()
        func require(_ condition: String, _ values: any DatabaseValueConvertible...) {
            conditions.append(condition)
            for value in values { arguments += [value] }
        }
        if let range = filter.versions {
            require("t.version BETWEEN ? AND ?", range.lowerBound, range.upperBound)
        }
        if let purpose = filter.purpose { require("t.purpose = ?", purpose.rawValue) }
        if let range = filter.rewards {
            require("t.reward BETWEEN ? AND ?", range.lowerBound, range.upperBound)
        }
        if let id = filter.problemID { require("g.problem_id = ?", id) }
        if let worker = filter.worker { require("g.worker = ?", worker) }
        if let verdict = filter.verdict { require("t.verdict = ?", verdict.rawValue) }
        if let text = filter.containing { require("instr(t.response, ?) > 0", text) }
        let order = filter.newestFirst ? "DESC" : "ASC"
        arguments += [max(0, filter.limit)]
        let sql = """
            SELECT t.*, g.problem_id, g.question, g.expected, g.difficulty, g.worker
            FROM traces t JOIN groups g USING (version, purpose, problem)
            \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
            ORDER BY t.version \(order), t.purpose, t.problem, t.sample LIMIT ?
            """
        return try read("read traces") { database in
            try Row.fetchAll(database, sql: sql, arguments: arguments).map(Self.trace)
        }
    }
}

extension RunDatabase {
    private static func steps(
        _ database: Database, _ clause: String, _ arguments: StatementArguments = []
    ) throws -> [StepMetrics] {
        try String.fetchAll(database, sql: "SELECT metrics FROM steps \(clause)", arguments: arguments).map {
            try RecordCoding.decode(StepMetrics.self, from: Data($0.utf8))
        }
    }

    private static func evaluations(_ database: Database) throws -> [EvaluationRecord] {
        try Row.fetchAll(database, sql: "SELECT * FROM evaluations ORDER BY version, purpose").map { row in
            EvaluationRecord(
                version: PolicyVersion(try row.decode(forColumn: "version")),
                purpose: try choice(row, "purpose"), time: try row.decode(forColumn: "time"),
                problems: try row.decode(forColumn: "problems"),
                correct: try row.decode(forColumn: "correct"),
                formatted: try row.decode(forColumn: "formatted"),
                thoughtLength: try row.decode(forColumn: "thought_length"),
                details: try RecordCoding.decode(
                    [String: Double].self, from: Data(try row.decode(String.self, forColumn: "details").utf8))
            )
        }
    }

    private static func workers(_ database: Database) throws -> [WorkerRecord] {
        try Row.fetchAll(database, sql: "SELECT report, time FROM workers ORDER BY name").map { row in
            WorkerRecord(
                worker: try RecordCoding.decode(
                    CoordinatorReport.Worker.self,
                    from: Data(try row.decode(String.self, forColumn: "report").utf8)),
                time: try row.decode(forColumn: "time"))
        }
    }

    private static func events(_ database: Database, last: Int) throws -> [EventRecord] {
        let sql = "SELECT * FROM events ORDER BY id DESC LIMIT ?"
        return try Row.fetchAll(database, sql: sql, arguments: [max(0, last)]).reversed().map { row in
            EventRecord(
                time: try row.decode(forColumn: "time"), monotonic: try row.decode(forColumn: "monotonic"),
                epoch: try row.decode(forColumn: "epoch"), step: try row.decode(forColumn: "step"),
                kind: try row.decode(forColumn: "kind"), message: try row.decode(forColumn: "message"))
        }
    }

    private static func facts(_ database: Database) throws -> [RunFact: StoredFact] {
        var facts: [RunFact: StoredFact] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT * FROM facts") {
            // A fact of a newer Ponder is nothing to this one.
            guard let fact = RunFact(rawValue: try row.decode(forColumn: "name")) else { continue }
            facts[fact] = StoredFact(
                json: try row.decode(forColumn: "value"), time: try row.decode(forColumn: "time"))
        }
        return facts
    }

    private static func trace(_ row: Row) throws -> StoredTrace {
        StoredTrace(
            version: try row.decode(forColumn: "version"), purpose: try choice(row, "purpose"),
            problem: try row.decode(forColumn: "problem"), sample: try row.decode(forColumn: "sample"),
            problemID: try row.decode(forColumn: "problem_id"),
            question: try row.decode(forColumn: "question"),
            expected: try row.decode(forColumn: "expected"),
            difficulty: try row.decode(forColumn: "difficulty"),
            worker: try row.decode(forColumn: "worker"), response: try row.decode(forColumn: "response"),
            tokens: try row.decode(forColumn: "tokens"), finish: try choice(row, "finish"),
            reward: Reward(
                format: try row.decode(forColumn: "reward_format"),
                accuracy: try row.decode(forColumn: "reward_accuracy"), verdict: try verdict(row)))
    }

    private static func verdict(_ row: Row) throws -> Verdict? {
        guard row["verdict"] != nil else { return nil }
        switch try choice(row, "verdict") as Verdict.Kind {
        case .correct: return .correct
        case .wrong: return .wrong
        case .undecided: return .undecided
        case .partial:
            let credit = try row.decode(Double.self, forColumn: "credit")
            guard let share = Verdict.Share(credit) else {
                throw DatabaseError(
                    resultCode: .SQLITE_CORRUPT, message: "\(credit) is no partial credit (credit)")
            }
            return .partial(share)
        }
    }

    private static func choice<Choice: RawRepresentable<String>>(_ row: Row, _ column: String) throws
        -> Choice
    {
        let name = try row.decode(String.self, forColumn: column)
        guard let choice = Choice(rawValue: name) else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT, message: "\(name) is no \(Choice.self) (\(column))")
        }
        return choice
    }
}
