import GRDB
import Reasoning
import Reinforcement

extension RunDatabase {
    /// Stored traces that match the filter.
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
        if let range = filter.tokens {
            require("t.tokens BETWEEN ? AND ?", range.lowerBound, range.upperBound)
        }
        if let id = filter.problemID { require("g.problem_id = ?", id) }
        if let worker = filter.worker { require("g.worker = ?", worker) }
        if let verdict = filter.verdict { require("t.verdict = ?", verdict.rawValue) }
        if let text = filter.containing { require("instr(t.response, ?) > 0", text) }
        if let place = filter.after {
            let (condition, values) = place.condition(in: filter.order)
            conditions.append(condition)
            arguments += values
        }
        arguments += [max(0, filter.limit)]
        let sql = """
            SELECT t.*, g.problem_id, g.question, g.expected, g.difficulty, g.worker
            FROM traces t JOIN groups g USING (version, purpose, problem)
            \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
            ORDER BY \(filter.order.sql) LIMIT ?
            """
        return try read("read traces") { database in
            try StoredTrace.fetchAll(database, sql: sql, arguments: arguments)
        }
    }

    /// A held-out problem that the first policy measured got wrong and the last one right, with the longest
    /// response now; nil when there is none.
    package func changedProblem() throws -> String? {
        try read("read traces") { database in
            try String.fetchOne(
                database,
                sql: """
                    WITH measured AS (
                        SELECT g.problem_id, t.version, t.verdict, t.tokens
                        FROM traces t JOIN groups g USING (version, purpose, problem)
                        WHERE t.purpose = :purpose AND t.sample = 0),
                    bounds AS (SELECT min(version) AS first, max(version) AS last FROM measured)
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
