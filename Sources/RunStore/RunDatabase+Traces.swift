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
