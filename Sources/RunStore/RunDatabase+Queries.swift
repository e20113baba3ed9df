import Foundation
import GRDB
import Reasoning
package import Reinforcement

/// The figures that `status` shows for a run, all read in one transaction.
package struct RunSummary: Sendable, Hashable {
    /// The last step recorded.
    package let last: StepMetrics?
    /// All evaluations, by version.
    package let evaluations: [EvaluationRecord]
    package let workers: [WorkerRecord]
    /// The newest events, oldest first.
    package let events: [EventRecord]
    package let facts: [RunFact: StoredFact]
    /// Where accuracy took off; nil when it did not, or not yet.
    package let aha: AhaMoment?

    /// Reads a stored fact.
    ///
    /// - Throws: `DecodingError` when the fact has another type.
    package func fact<Value: Decodable>(_ fact: RunFact, as type: Value.Type) throws -> Value? {
        try facts[fact].map { try RecordCoding.decode(type, from: Data($0.json.utf8)) }
    }
}

extension RunDatabase {
    /// Reads what `status` shows, in one transaction; nil before the coordinator has made the tables.
    package func summary(events: Int = 20) throws -> RunSummary? {
        try read("read the run's state") { database in
            guard try database.tableExists("steps") else { return nil }
            return RunSummary(
                last: try Self.steps(database, "ORDER BY step DESC LIMIT 1").first,
                evaluations: try Self.evaluations(database),
                workers: try Self.workers(database),
                events: try Self.events(database, last: events),
                facts: try Self.facts(database), aha: try Self.aha(database))
        }
    }

    /// Steps in order.
    package func steps(_ range: ClosedRange<Int> = 0...Int.max) throws -> [StepMetrics] {
        try read("read steps") { database in
            try Self.steps(
                database, "WHERE step BETWEEN ? AND ? ORDER BY step", [range.lowerBound, range.upperBound])
        }
    }

    /// Share of right answers in training, by step: at most `points` steps, evenly chosen.
    package func accuracyCurve(points: Int) throws -> [Int: Double] {
        try read("read the curve") { database in
            let ends = try Row.fetchOne(
                database, sql: "SELECT min(step) AS low, max(step) AS high FROM steps")
            guard let low = ends?["low"] as Int?, let high = ends?["high"] as Int? else { return [:] }
            let count = max(1, min(points, high - low + 1))
            let steps = (0..<count).map { low + $0 * (high - low) / max(1, count - 1) }
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT step, accuracy FROM steps
                    WHERE step IN (\(steps.map(String.init).joined(separator: ",")))
                    """)
            return Dictionary(rows.map { ($0["step"], $0["accuracy"]) }, uniquingKeysWith: { $1 })
        }
    }

    /// A trace of the newest training step that has any.
    package func newestTrace() throws -> StoredTrace? {
        var filter = TraceFilter()
        filter.limit = 1
        return try traces(filter).first
    }

    /// The last step recorded.
    package func lastStep() throws -> StepMetrics? {
        try read("read the last step") { try Self.steps($0, "ORDER BY step DESC LIMIT 1").first }
    }

    /// Response tokens of all recorded steps.
    package func tokens() throws -> Int {
        try read("count the tokens") { try Int.fetchOne($0, sql: "SELECT sum(tokens) FROM steps") ?? 0 }
    }

    /// Where accuracy took off; nil when it did not, or not yet.
    package func aha() throws -> AhaMoment? {
        try read("read events") { try Self.aha($0) }
    }

    /// What the recorded steps say about a take-off; nil when the first ones are no longer recorded, because what accuracy
    /// rose from is unknown then.
    package func takeOffDetector() throws -> TakeOffDetector? {
        try read("read steps") { database in
            var detector = TakeOffDetector()
            var last = 0
            let rows = try Row.fetchCursor(
                database, sql: "SELECT step, accuracy, format FROM steps ORDER BY step")
            while detector.takeOff == nil, let row = try rows.next() {
                let step: Int = row["step"]
                guard step == last + 1 else { return nil }
                last = step
                detector.add(step: step, accuracy: row["accuracy"], format: row["format"])
            }
            return detector
        }
    }

    package func evaluations() throws -> [EvaluationRecord] {
        try read("read evaluations") { try Self.evaluations($0) }
    }

    /// The lines of `metrics.jsonl` after `position`, in order, of a run that goes on from `step`.
    ///
    /// An evaluation of `step` itself is among them when it is complete; otherwise the coordinator completes it.
    package func metricsLines(after position: MetricsPosition, upTo step: Int) throws -> [any MetricsLine] {
        guard position < .end(of: step) else { return [] }
        let evaluations = Dictionary(grouping: try evaluations(), by: \.version.rawValue)
        let heldOut = evaluations.compactMap { version, records -> HeldOutMetrics? in
            let isComplete = Purpose.measuring.allSatisfy { purpose in
                records.contains { $0.purpose == purpose }
            }
            guard version < step || version == step && isComplete else { return nil }
            return HeldOutMetrics(step: version, of: records)
        }
        let lines = try steps(position.step...step) as [any MetricsLine] + heldOut
        return lines.filter { $0.position > position }.sorted { $0.position < $1.position }
    }

    package func workers() throws -> [WorkerRecord] {
        try read("read workers") { try Self.workers($0) }
    }

    /// The newest `last` events, oldest first.
    package func events(last: Int) throws -> [EventRecord] {
        try read("read events") { try Self.events($0, last: last) }
    }

    /// The newest event of a kind.
    package func lastEvent(ofKind kind: String) throws -> EventRecord? {
        try read("read events") {
            try EventRecord.fetchOne(
                $0, sql: "SELECT * FROM events WHERE kind = ? ORDER BY id DESC LIMIT 1", arguments: [kind])
        }
    }

    /// Reads a stored fact; nil when it was not recorded.
    package func fact<Value: Decodable>(_ fact: RunFact, as type: Value.Type) throws -> Value? {
        try read("read the run's \(fact.rawValue)") { database in
            try FactRow.fetchOne(database, key: fact.rawValue).map {
                try RecordCoding.decode(type, from: Data($0.value.utf8))
            }
        }
    }
}

extension RunDatabase {
    private static func steps(
        _ database: Database, _ clause: String, _ arguments: StatementArguments = []
    ) throws -> [StepMetrics] {
        try String.fetchAll(database, sql: "SELECT metrics FROM steps \(clause)", arguments: arguments).map {
            try StepMetrics.read(Data($0.utf8))
        }
    }

    private static func evaluations(_ database: Database) throws -> [EvaluationRecord] {
        try EvaluationRecord.fetchAll(database, sql: "SELECT * FROM evaluations ORDER BY version, purpose")
    }

    private static func workers(_ database: Database) throws -> [WorkerRecord] {
        try WorkerRecord.fetchAll(database, sql: "SELECT * FROM workers ORDER BY name")
    }

    private static func events(_ database: Database, last: Int) throws -> [EventRecord] {
        try EventRecord.fetchAll(
            database, sql: "SELECT * FROM events ORDER BY id DESC LIMIT ?", arguments: [max(0, last)]
        ).reversed()
    }

    private static func aha(_ database: Database) throws -> AhaMoment? {
        // Runs that are older than the column have no such event.
        guard try database.columns(in: EventRecord.databaseTableName).contains(where: { $0.name == "detail" })
        else { return nil }
        return try String.fetchOne(
            database, sql: "SELECT detail FROM events WHERE kind = 'aha' ORDER BY step DESC LIMIT 1"
        ).map { try RecordCoding.decode(AhaMoment.self, from: Data($0.utf8)) }
    }

    private static func facts(_ database: Database) throws -> [RunFact: StoredFact] {
        var facts: [RunFact: StoredFact] = [:]
        for row in try FactRow.fetchAll(database, sql: "SELECT * FROM facts") {
            // A newer version of Ponder may have recorded facts that this version does not know.
            guard let fact = RunFact(rawValue: row.name) else { continue }
            facts[fact] = StoredFact(json: row.value, time: row.time)
        }
        return facts
    }
}
