import GRDB
import Reasoning
import Reinforcement

extension RunDatabase {
    /// Stored traces that match the filter.
    package func traces(_ filter: TraceFilter) throws -> [StoredTrace] {
        try read("read traces") { database in
            // An older Ponder kept no tokens.
            if filter.hasTokens, try !TraceQuery.isIndex(TraceQuery.tokenIndex, database) { return [] }
            let query = try TraceQuery(filter, database)
            return try StoredTrace.fetchAll(database, sql: query.sql, arguments: query.arguments)
        }
    }

    /// A held-out problem that the first policy measured got wrong and the last one right, with the longest
    /// response now; nil when there is none.
    package func changedProblem() throws -> String? {
        try read("read traces") { database in
            try String.fetchOne(
                database,
                sql: """
                    WITH bounds AS (
                        SELECT min(version) AS first, max(version) AS last FROM evaluations
                        WHERE purpose = :purpose AND EXISTS (
                            SELECT 1 FROM traces t WHERE t.version = evaluations.version AND t.purpose = :purpose)),
                    measured AS (
                        SELECT g.problem_id, t.version, t.verdict, t.tokens
                        FROM bounds
                        JOIN traces t ON t.version IN (bounds.first, bounds.last) AND t.purpose = :purpose
                        JOIN groups g USING (version, purpose, problem)
                        WHERE t.sample = 0)
                    SELECT late.problem_id FROM bounds
                    JOIN measured late ON late.version = bounds.last AND late.verdict = 'correct'
                    JOIN measured early ON early.version = bounds.first AND early.problem_id = late.problem_id
                        AND early.verdict IS NOT 'correct'
                    WHERE bounds.first < bounds.last
                    ORDER BY late.tokens DESC, late.problem_id LIMIT 1
                    """, arguments: ["purpose": Purpose.evaluation.rawValue])
        }
    }
}

/// The SQL of a filter: an inner query finds the keys of traces from indexes alone, an outer one reads these traces.
///
/// The inner query begins where it has least to read: at a word's or a problem's traces when these are few, else at the
/// index in the order that is asked for, which ends as soon as enough traces are found.
struct TraceQuery {
    private(set) var sql = ""
    private(set) var arguments = StatementArguments()

    /// From this number of traces on, reading in order is faster than sorting.
    private static let manyTraces = 20_000
    /// The same of groups.
    private static let manyGroups = 4000

    private var conditions: [String] = []

    init(_ filter: TraceFilter, _ database: Database) throws {
        let words = try Self.words(filter, database)
        let isOfGroups = filter.problemID != nil || filter.worker != nil
        let startsAtGroups = try words == nil && isOfGroups && Self.areGroupsFew(filter, database)
        var order = filter.order.sql
        var tables = "traces t"
        if let index = try Self.index(filter, isJoined: words != nil || startsAtGroups, database) {
            tables += " INDEXED BY \(index)"
        }
        if let words {
            tables = "\(TextIndex.table) x CROSS JOIN \(tables) ON \(TextIndex.join)"
            require("x.\(TextIndex.table) MATCH ?", words.query)
            if let keys = filter.versions.map(TextIndex.keys) {
                require("x.rowid BETWEEN ? AND ?", keys.lowerBound, keys.upperBound)
            }
            if filter.order == .newest { order = "x.rowid DESC" }
        } else if let text = filter.containing {
            require("has_words(t.response, ?)", text)
        }
        if isOfGroups {
            let match = "g.version = t.version AND g.purpose = t.purpose AND g.problem = t.problem"
            tables =
                startsAtGroups
                ? "groups g CROSS JOIN \(tables) ON \(match)" : "\(tables) CROSS JOIN groups g ON \(match)"
        }
        addConditions(filter)
        arguments += [max(0, filter.limit)]
        sql = """
            SELECT t.*, g.problem_id, g.question, g.expected, g.difficulty, g.worker
            FROM (
                SELECT t.version, t.purpose, t.problem, t.sample FROM \(tables)
                \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
                ORDER BY \(order) LIMIT ?) k
            JOIN traces t USING (version, purpose, problem, sample)
            JOIN groups g USING (version, purpose, problem)
            ORDER BY \(filter.order.sql)
            """
    }

    private mutating func require(_ condition: String, _ values: any DatabaseValueConvertible...) {
        conditions.append(condition)
        for value in values { arguments += [value] }
    }

    private mutating func addConditions(_ filter: TraceFilter) {
        if let id = filter.problemID { require("g.problem_id = ?", id) }
        if let worker = filter.worker { require("g.worker = ?", worker) }
        if let range = filter.versions {
            require("t.version BETWEEN ? AND ?", range.lowerBound, range.upperBound)
        }
        if let purpose = filter.purpose { require("t.purpose = ?", purpose.rawValue) }
        if let range = filter.rewards {
            require("t.reward BETWEEN ? AND ?", range.lowerBound, range.upperBound)
        }
        if let range = filter.tokens {
            require("t.tokens BETWEEN ? AND ?", range.lowerBound, range.upperBound)
        }
        if let verdict = filter.verdict { require("t.verdict = ?", verdict.rawValue) }
        if filter.hasTokens { require("t.token_data IS NOT NULL") }
        if let place = filter.after {
            let (condition, values) = place.condition(in: filter.order)
            conditions.append(condition)
            arguments += values
        }
    }

    /// The words at whose traces the query begins; nil when it begins elsewhere.
    private static func words(_ filter: TraceFilter, _ database: Database) throws -> WordPattern? {
        guard let pattern = filter.containing.flatMap(WordPattern.init), try TextIndex.exists(database) else {
            return nil
        }
        // The index itself has the order `newest`.
        let rows = "\(TextIndex.table) WHERE \(TextIndex.table) MATCH ?"
        return try filter.order == .newest || isFew(database, manyTraces, rows, pattern.query) ? pattern : nil
    }

    private static func areGroupsFew(_ filter: TraceFilter, _ database: Database) throws -> Bool {
        if let id = filter.problemID {
            return try isFew(database, manyGroups, "groups WHERE problem_id = ?", id)
        }
        return try filter.worker.map { try isFew(database, manyGroups, "groups WHERE worker = ?", $0) }
            ?? false
    }

    private static func isFew(_ database: Database, _ limit: Int, _ rows: String, _ value: String) throws
        -> Bool
    {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM \(rows) LIMIT ?)"
        return try Int.fetchOne(database, sql: sql, arguments: [value, limit]) ?? 0 < limit
    }

    /// The index of traces to read: the one with the filter's order, or with the key when another table comes first; nil in
    /// the records of a run that is older than the indexes.
    private static func index(_ filter: TraceFilter, isJoined: Bool, _ database: Database) throws -> String? {
        let ordered =
            switch filter.order {
            case .best, .worst: "trace_rewards"
            case .longest: "trace_lengths"
            case .newest, .oldest: "trace_versions"
            }
        let name = filter.hasTokens ? tokenIndex : isJoined ? "trace_versions" : ordered
        return try isIndex(name, database) ? name : nil
    }

    static let tokenIndex = "trace_tokens"

    static func isIndex(_ name: String, _ database: Database) throws -> Bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?)"
        return try Bool.fetchOne(database, sql: sql, arguments: [name]) ?? false
    }
}
