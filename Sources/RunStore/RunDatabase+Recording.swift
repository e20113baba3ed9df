import Foundation
import GRDB
package import Reinforcement
package import Scheduling

extension RunDatabase {
    /// Maximum number of events in the database; older ones are deleted, so that a hostile peer cannot fill
    /// the disk.
    package static let eventLimit = 100_000

    /// Records a step and its groups.
    ///
    /// - Parameters:
    ///   - traceLimit: maximum number of traces to keep; the first groups are kept, each as a whole.
    ///   - tokenLimit: maximum number of these whose tokens are kept; groups with variance come first.
    ///   - advantage: what the traces were learned with.
    ///   - event: what the step has shown; it is recorded with the step or not at all.
    ///   - configuration: the run's, as canonical JSON, when the step is to be kept for `ponder replay`.
    package func record(
        _ metrics: StepMetrics, groups: [TraceGroup], traceLimit: Int, tokenLimit: Int = 0,
        advantage: GroupAdvantage = .mean, event: EventRecord? = nil,
        replayedWith configuration: String? = nil
    ) throws {
        let learned = configuration.map { LearnedStep(step: metrics.step, configuration: $0, groups: groups) }
        try write("record step \(metrics.step)") { database in
            try StepRow(metrics: metrics).insert(database)
            let kept = Self.kept(groups, traceLimit: traceLimit)
            let tokens = TokenRecord.sample(of: kept, limit: tokenLimit, advantage)
            try Self.insert(groups, kept: kept, tokens: tokens, database)
            try event?.insert(database)
            try learned?.insert(database)
        }
    }

    /// Records an evaluation and its groups.
    ///
    /// - Parameter traceLimit: maximum number of traces to keep; the first groups are kept, each as a whole.
    package func record(_ evaluation: EvaluationRecord, groups: [TraceGroup] = [], traceLimit: Int = 0)
        throws
    {
        try write("record the evaluation of version \(evaluation.version.rawValue)") { database in
            try evaluation.insert(database)
            try Self.insert(groups, kept: Self.kept(groups, traceLimit: traceLimit), tokens: [:], database)
        }
    }

    /// Records events in order, and deletes the oldest ones beyond `limit`.
    package func record(_ events: [EventRecord], keeping limit: Int = RunDatabase.eventLimit) throws {
        guard !events.isEmpty else { return }
        try write("record events") { database in
            for event in events { try event.limited.insert(database) }
            try database.execute(
                sql: """
                    DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ? AND kind IS NOT 'aha'
                    """, arguments: [limit])
        }
    }

    /// Replaces the rows of these workers; the rows of other workers stay.
    package func record(_ workers: [CoordinatorReport.Worker], time: Double) throws {
        try write("record workers") { database in
            for worker in workers { try WorkerRecord(worker: worker, time: time).insert(database) }
        }
    }

    /// Records a fact, and replaces its earlier value.
    package func record(_ fact: RunFact, _ value: some Encodable, time: Double) throws {
        let row = FactRow(name: fact.rawValue, time: time, value: try RecordCoding.text(value))
        try write("record the run's \(fact.rawValue)") { try row.insert($0) }
    }

    /// Deletes the steps that a run resumed at `step` will repeat, and records `event` with the number of
    /// steps deleted.
    ///
    /// Events stay: they describe what happened, even when the work was lost. Only an `aha` of a step that is deleted goes.
    ///
    /// - Returns: the number of steps deleted.
    @discardableResult
    package func cut(after step: Int, event: EventRecord) throws -> Int {
        try write("cut to step \(step)") { database in
            try database.execute(sql: "DELETE FROM steps WHERE step > ?", arguments: [step])
            let cut = database.changesCount
            try database.execute(sql: "DELETE FROM learned WHERE step > ?", arguments: [step])
            try database.execute(sql: "DELETE FROM evaluations WHERE version > ?", arguments: [step])
            try database.execute(
                sql: "DELETE FROM events WHERE kind = 'aha' AND step > ?", arguments: [step])
            try database.execute(
                sql: "DELETE FROM groups WHERE version > ? OR (version = ? AND purpose = ?)",
                arguments: [step, step, Purpose.training.rawValue])
            var event = event
            event.message += "; \(cut) later steps cut from the records"
            try event.insert(database)
            return cut
        }
    }

    /// Copies the steps, evaluations, traces and events into the folder of a new run.
    ///
    /// Workers and facts belong to this run and are left out.
    func copyHistory(to target: RunDirectory) throws {
        try copy(to: target.database.path)
        let search = try read("look for the index of words") { try TextIndex.exists($0) }
        let copy = try RunDatabase.open(target, search: search)
        try copy.write("begin the records of a fork") { database in
            try database.execute(sql: "DELETE FROM workers; DELETE FROM facts")
        }
        try copy.close()
    }

    /// The first groups, as many as fit, each as a whole.
    package static func kept(_ groups: [TraceGroup], traceLimit: Int) -> [TraceGroup] {
        var room = traceLimit
        return groups.filter { group in
            guard group.traces.count <= room else { return false }
            room -= group.traces.count
            return true
        }
    }

    /// Replaces a round's groups and traces.
    private static func insert(
        _ groups: [TraceGroup], kept: [TraceGroup], tokens: [SampleID: TokenRecord], _ database: Database
    ) throws {
        // A group without traces belongs to no known round.
        let known = groups.filter { !$0.traces.isEmpty }
        guard let round = known.first?.traces.first?.trace.id.round else { return }
        try database.execute(
            sql: "DELETE FROM groups WHERE version = ? AND purpose = ?",
            arguments: [round.step, round.purpose.rawValue])
        try GroupRow.insert(known.map { GroupRow(group: $0, round: round) }, database)
        try NewTraceRow.insert(
            kept.lazy.flatMap(\.traces).map { NewTraceRow(scored: $0, tokens: tokens[$0.trace.id]) },
            database)
        if try TextIndex.exists(database) { try TextIndex.add(round, database) }
    }
}

extension TokenRecord {
    /// The tokens of some traces: of groups that the learner learns from first.
    fileprivate static func sample(of groups: [TraceGroup], limit: Int, _ advantage: GroupAdvantage)
        -> [SampleID: TokenRecord]
    {
        guard limit > 0 else { return [:] }
        let ordered = groups.filter(\.hasVariance) + groups.filter { !$0.hasVariance }
        var records: [SampleID: TokenRecord] = [:]
        for group in ordered where records.count < limit {
            let values = advantage.advantages(of: group.rewards)
            let learned = Dictionary(
                zip(group.kept.map(\.trace.id), values.map { Float($0) }), uniquingKeysWith: { $1 })
            for scored in group.traces.prefix(limit - records.count) {
                let id = scored.trace.id
                records[id] = TokenRecord(scored.trace, advantage: learned[id])
            }
        }
        return records
    }
}

extension EventRecord {
    /// The event with its message cut to 4096 characters.
    fileprivate var limited: EventRecord {
        var event = self
        event.message = String(message.prefix(4096))
        return event
    }
}
