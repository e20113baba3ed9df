import GRDB
import Reinforcement

/// The index of words in responses: `trace_text`, a table of SQLite's FTS5 that stores no text of its own.
///
/// It holds every trace or it does not exist.
enum TextIndex {
    static let table = "trace_text"

    static func exists(_ database: Database) throws -> Bool { try database.tableExists(table) }

    /// Makes the index from the traces that are there, or removes it.
    static func set(_ wanted: Bool, _ database: Database) throws {
        guard try exists(database) != wanted else { return }
        guard wanted else {
            return try database.execute(sql: "DROP TRIGGER trace_text_delete; DROP TABLE \(table)")
        }
        // Traces are deleted by many statements and by foreign keys, and FTS5 needs the old text then.
        try database.execute(
            sql: """
                CREATE VIRTUAL TABLE \(table)
                    USING fts5(response, content = '', columnsize = 0, tokenize = 'ascii');
                CREATE TRIGGER trace_text_delete AFTER DELETE ON traces BEGIN
                    INSERT INTO \(table) (\(table), rowid, response)
                    VALUES ('delete', \(key("old")), old.response);
                END;
                INSERT INTO \(table) (rowid, response)
                    SELECT \(key("t")), t.response FROM traces t ORDER BY 1;
                """)
    }

    /// Adds the traces of a round.
    static func add(_ round: RoundID, _ database: Database) throws {
        // FTS5 writes to the disk whenever a key is not above the one before.
        try database.cachedStatement(
            sql: """
                INSERT INTO \(table) (rowid, response)
                SELECT \(key("t")), t.response FROM traces t WHERE t.version = ? AND t.purpose = ? ORDER BY 1
                """
        ).execute(arguments: [round.step, round.purpose.rawValue])
    }

    /// Gives room back that deleted traces still take; FTS5 only marks them as deleted.
    ///
    /// - Parameter whole: whether all of it; otherwise a part, in bounded time.
    static func tidy(_ database: Database, whole: Bool = false) throws {
        guard try exists(database) else { return }
        let work = whole ? "'optimize', 0" : "'merge', 500"
        try database.execute(sql: "INSERT INTO \(table) (\(table), rank) VALUES (\(work))")
    }

    /// The key of a row of `traces`: version, purpose, problem, sample in one integer.
    ///
    /// Falling keys are the order `newest`, in which FTS5 can read.
    private static func key(_ row: String) -> String {
        """
        ((\(row).version << 36) | (CASE \(row).purpose \(codes { "WHEN '\($0)' THEN \($1)" }) END << 33)
            | ((1048575 - \(row).problem) << 13) | (8191 - \(row).sample))
        """
    }

    /// Joins a row `x` of the index with its row `t` of `traces`.
    static let join = """
        t.version = x.rowid >> 36
            AND t.purpose = CASE (x.rowid >> 33) & 7 \(codes { "WHEN \($1) THEN '\($0)'" }) END
            AND t.problem = 1048575 - ((x.rowid >> 13) & 1048575) AND t.sample = 8191 - (x.rowid & 8191)
        """

    /// The keys of these versions.
    static func keys(_ versions: ClosedRange<Int>) -> ClosedRange<Int> {
        let last = Int.max >> 36
        let low = min(last, max(0, versions.lowerBound)), high = min(last, max(0, versions.upperBound))
        return low << 36...(high << 36 | (1 << 36 - 1))
    }

    /// The purposes with their numbers in a key, in the falling order of their names.
    private static func codes(_ text: (String, Int) -> String) -> String {
        Purpose.allCases.map(\.rawValue).sorted(by: >).enumerated().map { text($1, $0) }
            .joined(separator: " ")
    }
}
