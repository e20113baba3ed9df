import Foundation
import GRDB
package import Reinforcement

/// What one step learned from, for `ponder replay`.
package struct LearnedStep: Sendable, Hashable {
    /// The step, from 1.
    package let step: Int
    /// The run's configuration at that step, as canonical JSON.
    package let configuration: String
    package let packed: PackedStep

    init(step: Int, configuration: String, groups: [TraceGroup]) {
        self.step = step
        self.configuration = configuration
        packed = PackedStep(groups.map { LearnedGroup($0) })
    }
}

extension LearnedStep: FetchableRecord {
    init(row: Row) throws {
        step = try row.decode(forColumn: "step")
        configuration = try row.decode(forColumn: "json")
        packed = PackedStep(bytes: [UInt8](try row.decode(Data.self, forColumn: "groups")))
    }

    func insert(_ database: Database) throws {
        try database.cachedStatement(sql: "INSERT OR IGNORE INTO configurations (json) VALUES (?)")
            .execute(arguments: [configuration])
        try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO learned (step, configuration, bytes, groups)
                SELECT ?, id, ?, ? FROM configurations WHERE json = ?
                """
        ).execute(arguments: [step, packed.bytes.count, Data(packed.bytes), configuration])
    }

    /// Deletes the oldest steps until the others have at most `size` bytes; the newest stays in any case.
    static func trim(_ database: Database, to size: Int) throws {
        let rows = try Row.fetchCursor(database, sql: "SELECT step, bytes FROM learned ORDER BY step DESC")
        var room = size
        var oldest: Int?
        while let row = try rows.next() {
            let (step, bytes) = (
                try row.decode(Int.self, forColumn: "step"), try row.decode(Int.self, forColumn: "bytes")
            )
            room -= bytes
            guard oldest == nil || room >= 0 else { break }
            oldest = step
        }
        try database.execute(sql: "DELETE FROM learned WHERE step < ?", arguments: [oldest])
    }
}

extension RunDatabase {
    /// The steps of which it is known what they learned from, in order; none in the records of an older Ponder.
    package func learnedSteps() throws -> [Int] {
        try read("list the steps that can be replayed") { database in
            guard try database.tableExists("learned") else { return [] }
            return try Int.fetchAll(database, sql: "SELECT step FROM learned ORDER BY step")
        }
    }

    /// What a step learned from; nil when it is not recorded.
    package func learned(step: Int) throws -> LearnedStep? {
        try read("read what step \(step) learned from") { database in
            guard try database.tableExists("learned") else { return nil }
            return try LearnedStep.fetchOne(
                database,
                sql: """
                    SELECT step, json, groups FROM learned JOIN configurations ON id = configuration WHERE step = ?
                    """, arguments: [step])
        }
    }
}
