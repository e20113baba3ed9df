import GRDB
import Reasoning
import Reinforcement

/// The SQL of a filter: an inner query finds the keys of traces from indexes alone, an outer one reads these traces.
///
/// The inner query begins where it has least to read: at the traces of words, of a problem or of a worker when these are few,
/// else at the index in the order that is asked for, which ends as soon as enough traces are found.
struct TraceQuery {
    let sql: String
    let arguments: StatementArguments

    /// From this number of traces on, reading in order is faster than sorting.
    private static let manyTraces = 20_000
    /// The same of groups.
    private static let manyGroups = 4000
    private static let key = "version, purpose, problem, sample"

    private enum Start {
        case words(WordPattern), groups, order

        var isAtWords: Bool { if case .words = self { true } else { false } }
        var isInOrder: Bool { if case .order = self { true } else { false } }
    }

    init(_ filter: TraceFilter, _ database: Database) throws {
        let facts = Conditions(facts: filter)
        let start = try Self.start(filter, facts, database)
        var conditions = facts
        var order = filter.order.sql
        let index = try Self.index(filter, start, database).map { " INDEXED BY \($0)" } ?? ""
        var tables = "traces t\(index)"
        if case .words(let words) = start {
            tables = "\(TextIndex.table) x CROSS JOIN \(tables) ON \(TextIndex.join)"
            conditions.add("x.\(TextIndex.table) MATCH ?", words.query)
            if let keys = filter.versions.map(TextIndex.keys) {
                conditions.add("x.rowid BETWEEN ? AND ?", keys.lowerBound, keys.upperBound)
            }
            // The index of words itself has this order.
            if filter.order == .newest { order = "x.rowid DESC" }
        }
        if filter.isOfGroups {
            let match = "g.version = t.version AND g.purpose = t.purpose AND g.problem = t.problem"
            if case .groups = start {
                tables = "groups g CROSS JOIN \(tables) ON \(match)"
            } else {
                tables += " CROSS JOIN groups g ON \(match)"
            }
            if let id = filter.problemID { conditions.add("g.problem_id = ?", id) }
            if let worker = filter.worker { conditions.add("g.worker = ?", worker) }
        }
        var keys = """
            SELECT t.version, t.purpose, t.problem, t.sample FROM \(tables) \(conditions.clause) ORDER BY \(order)
            """
        var arguments = conditions.arguments
        if let text = filter.containing, !start.isAtWords {
            // A limit keeps the two queries apart, so that responses are read of traces alone that match all else.
            keys = """
                SELECT \(Self.key) FROM (\(keys) LIMIT -1) CROSS JOIN traces r USING (\(Self.key))
                WHERE \(WordPattern(text) == nil ? "instr(r.response, ?) > 0" : "has_words(r.response, ?)")
                """
            arguments += [text]
        }
        self.arguments = arguments + [max(0, filter.limit)]
        sql = """
            SELECT t.*, g.problem_id, g.question, g.expected, g.difficulty, g.worker
            FROM (\(keys) LIMIT ?) k
            JOIN traces t USING (\(Self.key))
            JOIN groups g USING (version, purpose, problem)
            ORDER BY \(filter.order.sql)
            """
    }

    private static func start(_ filter: TraceFilter, _ facts: Conditions, _ database: Database) throws
        -> Start
    {
        func isFew(_ limit: Int, _ rows: String, _ values: StatementArguments) throws -> Bool {
            let sql = "SELECT count(*) FROM (SELECT 1 FROM \(rows) LIMIT ?)"
            return try Int.fetchOne(database, sql: sql, arguments: values + [limit]) ?? 0 < limit
        }
        let words = try filter.containing.flatMap(WordPattern.init).flatMap {
            try TextIndex.exists(database) ? $0 : nil
        }
        let found = "\(TextIndex.table) WHERE \(TextIndex.table) MATCH ?"
        if let words, try isFew(manyTraces, found, [words.query]) { return .words(words) }
        if let id = filter.problemID, try isFew(manyGroups, "groups WHERE problem_id = ?", [id]) {
            return .groups
        }
        if let worker = filter.worker, try isFew(manyGroups, "groups WHERE worker = ?", [worker]) {
            return .groups
        }
        guard let words, filter.order == .newest else { return .order }
        let areFew =
            try filter.hasFacts
            && isFew(manyTraces, "traces t INDEXED BY trace_versions \(facts.clause)", facts.arguments)
        return areFew ? .order : .words(words)
    }

    /// The index of traces to read: the one with the filter's order, or with the key when another table comes first; nil in
    /// the records of a run that is older than the indexes.
    private static func index(_ filter: TraceFilter, _ start: Start, _ database: Database) throws -> String? {
        let ordered =
            switch filter.order {
            case .best: "trace_best"
            case .worst: "trace_worst"
            case .longest: "trace_lengths"
            case .newest, .oldest: "trace_versions"
            }
        let name = filter.hasTokens ? tokenIndex : start.isInOrder ? ordered : "trace_versions"
        return try isIndex(name, database) ? name : nil
    }

    static let tokenIndex = "trace_tokens"

    static func isIndex(_ name: String, _ database: Database) throws -> Bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?)"
        return try Bool.fetchOne(database, sql: sql, arguments: [name]) ?? false
    }
}

extension TraceFilter {
    fileprivate var isOfGroups: Bool { problemID != nil || worker != nil }
    /// Whether it asks for more than versions.
    fileprivate var hasFacts: Bool { verdict != nil || rewards != nil || tokens != nil || hasTokens }
}

/// Conditions of SQL with their values.
private struct Conditions {
    private var texts: [String] = []
    private(set) var arguments = StatementArguments()

    /// What a filter asks of the columns of `traces`.
    init(facts filter: TraceFilter) {
        if let range = filter.versions {
            add("t.version BETWEEN ? AND ?", range.lowerBound, range.upperBound)
        }
        if let purpose = filter.purpose { add("t.purpose = ?", purpose.rawValue) }
        if let range = filter.rewards { add("t.reward BETWEEN ? AND ?", range.lowerBound, range.upperBound) }
        if let range = filter.tokens { add("t.tokens BETWEEN ? AND ?", range.lowerBound, range.upperBound) }
        if let verdict = filter.verdict { add("t.verdict = ?", verdict.rawValue) }
        if filter.hasTokens { add("t.token_data IS NOT NULL") }
        if let place = filter.after {
            let (condition, values) = place.condition(in: filter.order)
            texts.append(condition)
            arguments += values
        }
    }

    mutating func add(_ text: String, _ values: any DatabaseValueConvertible...) {
        texts.append(text)
        for value in values { arguments += [value] }
    }

    var clause: String { texts.isEmpty ? "" : "WHERE " + texts.joined(separator: " AND ") }
}
