import Foundation
import GRDB
import Reasoning
import Reinforcement
package import Scheduling

extension RunDatabase {
    /// Events beyond this many are forgotten, oldest first, so that a hostile peer cannot fill the disk.
    package static let eventLimit = 100_000

    /// Records a step with its groups, and of its traces as many whole groups as `traceLimit` allows.
    package func record(_ metrics: StepMetrics, groups: [GroupRecord], traceLimit: Int) throws {
        let text = try RecordCoding.text(metrics)
        try write("record step \(metrics.step)") { database in
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO steps
                    (step, time, seconds, reward, format, accuracy, thought_length, tokens, metrics)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    metrics.step, metrics.time, metrics.seconds, metrics.reward, metrics.format,
                    metrics.accuracy, metrics.thoughtLength, metrics.tokens, text,
                ])
            try Self.insert(groups, traceLimit: traceLimit, database)
        }
    }

    /// Records a measurement, with its traces under the same bound.
    package func record(_ evaluation: EvaluationRecord, groups: [GroupRecord] = [], traceLimit: Int = 0)
        throws
    {
        let details = try RecordCoding.text(evaluation.details)
        try write("record the evaluation of version \(evaluation.version.rawValue)") { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    evaluation.version.rawValue, evaluation.purpose.rawValue, evaluation.time,
                    evaluation.problems, evaluation.correct, evaluation.formatted, evaluation.thoughtLength,
                    details,
                ])
            try Self.insert(groups, traceLimit: traceLimit, database)
        }
    }

    /// Records events in their order and forgets the oldest beyond `limit`.
    package func record(_ events: [EventRecord], keeping limit: Int = RunDatabase.eventLimit) throws {
        guard !events.isEmpty else { return }
        try write("record events") { database in
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO events (time, monotonic, epoch, step, kind, message) VALUES (?, ?, ?, ?, ?, ?)
                    """)
            for event in events {
                try statement.execute(
                    arguments: [
                        event.time, event.monotonic, Int64(clamping: event.epoch), event.step, event.kind,
                        String(event.message.prefix(4096)),
                    ])
            }
            try database.execute(
                sql: "DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?",
                arguments: [limit])
        }
    }

    /// Replaces the rows of these workers; others stay as they were.
    package func record(_ workers: [CoordinatorReport.Worker], time: Double) throws {
        try write("record workers") { database in
            let statement = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO workers VALUES (?, ?, ?, ?, ?, ?)")
            for worker in workers {
                try statement.execute(
                    arguments: [
                        worker.name, worker.host, worker.process, worker.state.rawValue, time,
                        try RecordCoding.text(worker),
                    ])
            }
        }
    }

    /// Replaces a fact.
    package func record(_ fact: RunFact, _ value: some Encodable, time: Double) throws {
        let text = try RecordCoding.text(value)
        try write("record the run's \(fact.rawValue)") { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", arguments: [fact.rawValue, time, text])
        }
    }

    /// Forgets everything that a run resumed at `step` will do again, and records that as an event.
    ///
    /// Events stay: they say what happened, also in a life whose work was lost.
    ///
    /// - Returns: steps that were cut.
    @discardableResult
    package func cut(after step: Int, event: EventRecord) throws -> Int {
        try write("cut to step \(step)") { database in
            try database.execute(sql: "DELETE FROM steps WHERE step > ?", arguments: [step])
            let cut = database.changesCount
            try database.execute(sql: "DELETE FROM evaluations WHERE version > ?", arguments: [step])
            try database.execute(
                sql: "DELETE FROM groups WHERE version > ? OR (version = ? AND purpose = ?)",
                arguments: [step, step, Purpose.training.rawValue])
            try database.execute(
                sql: """
                    INSERT INTO events (time, monotonic, epoch, step, kind, message) VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    event.time, event.monotonic, Int64(clamping: event.epoch), event.step, event.kind,
                    "\(event.message); \(cut) later steps cut from the records",
                ])
            return cut
        }
    }

    private static func insert(_ groups: [GroupRecord], traceLimit: Int, _ database: Database) throws {
        var room = traceLimit
        let statement = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO groups VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for record in groups {
            let group = record.group
            // A group without traces has no round to be filed under.
            guard let id = group.traces.first?.trace.id else { continue }
            let rewards = group.traces.map(\.reward.total)
            try statement.execute(
                arguments: [
                    id.round.step, id.round.purpose.rawValue, id.problem, group.problem.problem.id,
                    group.problem.problem.question, group.problem.problem.expected,
                    group.problem.problem.difficulty, group.traces.count,
                    group.traces.count { $0.reward.verdict == .correct },
                    rewards.reduce(0, +) / Double(rewards.count), rewards.min(), rewards.max(), record.worker,
                ])
            guard group.traces.count <= room else { continue }
            room -= group.traces.count
            for scored in group.traces { try insert(scored, database) }
        }
    }

    private static func insert(_ scored: ScoredTrace, _ database: Database) throws {
        let id = scored.trace.id
        try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO traces VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(
            arguments: [
                id.round.step, id.round.purpose.rawValue, id.problem, id.sample, scored.response,
                scored.trace.tokens.count, scored.trace.finish.rawValue, scored.reward.total,
                scored.reward.format, scored.reward.accuracy, scored.reward.verdict?.kind.rawValue,
                scored.reward.verdict?.credit,
            ])
    }
}
