import GRDB

/// A run's curves: one row a step, or one row for several steps of a long run.
package struct RunSeries: Sendable, Hashable, Codable {
    /// Names of the columns; the first is `step`.
    package let names: [String]
    /// The numbers in the order of `names`; nil where a step has none.
    package let rows: [[Double?]]
    /// Number of steps whose mean a row is.
    package let stride: Int
}

extension RunDatabase {
    /// What the curves show: the column's name and its value over the steps of a row, as SQL.
    private static let curves: [(name: String, sql: String)] =
        [("step", "max(step)"), ("time", "max(time)")]
        + ["seconds", "reward", "format", "accuracy", "thought_length"].map { ($0, "avg(\($0))") }
        + [("tokens_per_second", "sum(tokens) / nullif(sum(seconds), 0)")]
        + [
            "entropy", "loss", "gradient_norm", "generation_seconds", "learning_seconds",
            "publishing_seconds",
            "silent_groups", "groups", "staleness", "thought_accuracy", "self_checks", "restarts",
        ].map { name in
            // Records of schema 1 have some figures in an object of their own.
            (
                name,
                "avg(coalesce(json_extract(metrics, '$.\(name)'), json_extract(metrics, '$.extra.\(name)')))"
            )
        }

    /// Reads the curves of the steps after `step`.
    ///
    /// - Parameter points: about the largest number of rows; a row is the mean of several steps where there are more.
    package func series(after step: Int = 0, points: Int = 2000) throws -> RunSeries {
        try read("read the curves") { database in
            let names = Self.curves.map(\.name)
            guard try database.tableExists("steps") else {
                return RunSeries(names: names, rows: [], stride: 1)
            }
            let last = try Int.fetchOne(database, sql: "SELECT max(step) FROM steps") ?? 0
            let stride = max(1, (last - step + points - 1) / max(1, points))
            let sql = """
                SELECT \(Self.curves.map(\.sql).joined(separator: ", "))
                FROM steps WHERE step > ? GROUP BY (step - 1) / ? ORDER BY 1
                """
            let rows = try Row.fetchAll(database, sql: sql, arguments: [step, stride]).map { row in
                (0..<names.count).map { Double.fromDatabaseValue(row[$0]) }
            }
            return RunSeries(names: names, rows: rows, stride: stride)
        }
    }

    /// A number that changes when another process has written to the database since the last call.
    package func changeCounter() throws -> Int {
        try read("look for changes") { try Int.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
    }
}
