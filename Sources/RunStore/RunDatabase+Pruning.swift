import GRDB
package import Settings

extension RunDatabase {
    private static let secondsOfADay = 86400.0
    /// Rounds of deletion in one call; the next call goes on.
    private static let roundLimit = 64

    /// Deletes the oldest steps, groups and traces that the limits no longer allow; evaluations stay.
    ///
    /// Tokens and the index of words go with their traces.
    ///
    /// - Parameter now: seconds since 1970.
    package func prune(_ limits: RecordSettings, now: Double) throws {
        if limits.keepSteps > 0 || limits.keepDays > 0 {
            try write("remove old records") { database in
                if limits.keepSteps > 0,
                    let newest = try Int.fetchOne(database, sql: "SELECT max(step) FROM steps")
                {
                    try Self.delete(through: newest - limits.keepSteps, database)
                }
                guard limits.keepDays > 0 else { return }
                let oldest = now - limits.keepDays * Self.secondsOfADay
                if let step = try Int.fetchOne(
                    database, sql: "SELECT max(step) FROM steps WHERE time < ?", arguments: [oldest])
                {
                    try Self.delete(through: step, database)
                }
                try database.execute(
                    sql: "DELETE FROM events WHERE time < ? AND kind IS NOT 'aha'", arguments: [oldest])
            }
            try write("tidy the index of words") { try TextIndex.tidy($0) }
        }
        if limits.replayMegabytes > 0 {
            try write("remove old records") { try LearnedStep.trim($0, to: limits.replayMegabytes << 20) }
        }
        guard limits.megabytes > 0 else { return }
        for _ in 0..<Self.roundLimit {
            guard try usedBytes() > limits.megabytes << 20, try write("remove old records", Self.deleteEighth)
            else { return }
        }
    }

    /// Bytes of the file that hold records.
    func usedBytes() throws -> Int {
        try read("measure the records") { database in
            let numbers = try ["page_count", "freelist_count", "page_size"].map {
                try Int.fetchOne(database, sql: "PRAGMA \($0)") ?? 0
            }
            return (numbers[0] - numbers[1]) * numbers[2]
        }
    }

    /// Bytes of the file and of two of its parts.
    package func sizes() throws -> (file: Int, textIndex: Int, tokens: Int) {
        try read("measure the records") { database in
            let pages = "SELECT sum(pgsize) FROM dbstat"
            let index = "\(pages) WHERE name LIKE '\(TextIndex.table)%'"
            return (
                try Int.fetchOne(database, sql: pages) ?? 0, try Int.fetchOne(database, sql: index) ?? 0,
                try Int.fetchOne(database, sql: "SELECT sum(length(token_data)) FROM traces") ?? 0
            )
        }
    }

    /// Gives pages back to the file system when more than half of a large file is unused.
    static func shrink(_ queue: DatabaseQueue) throws {
        let (pages, free, size) = try queue.read { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0,
                try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0,
                try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
            )
        }
        guard free > pages / 2, free * size > 8 << 20 else { return }
        // It needs room for a copy; without that room the file stays as it is, and its free pages are used again.
        try? queue.vacuum()
    }

    /// A training step learns from groups of the version before it.
    private static func delete(through step: Int, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM groups WHERE version < ?", arguments: [step])
        try database.execute(sql: "DELETE FROM steps WHERE step <= ?", arguments: [step])
        try database.execute(sql: "DELETE FROM learned WHERE step <= ?", arguments: [step])
    }

    /// Deletes an eighth of what the steps learned from, the oldest; when there is none, of the versions' groups, and then
    /// of the steps.
    ///
    /// - Returns: false when nothing is left to delete.
    private static func deleteEighth(_ database: Database) throws -> Bool {
        for (table, column) in [("learned", "step"), ("groups", "version"), ("steps", "step")] {
            guard
                let range = try Row.fetchOne(
                    database, sql: "SELECT min(\(column)) AS low, max(\(column)) AS high FROM \(table)"),
                let low = range["low"] as Int?, let high = range["high"] as Int?, low < high
            else { continue }
            let last = low + max(0, (high - low) / 8)
            try database.execute(
                sql: "DELETE FROM \(table) WHERE \(column) <= ?", arguments: [last])
            try TextIndex.tidy(database, whole: true)
            return true
        }
        return false
    }
}
