import GRDB
import Reasoning
import Reinforcement

/// The place of a trace in an order, from which the next page goes on however many traces were recorded meanwhile.
///
/// As text it is what a client sends back: `40,training,3,7`.
package struct TracePlace: Sendable, Hashable, CustomStringConvertible {
    /// The trace's values in the columns of the order.
    private let values: [String]

    package var description: String { values.joined(separator: ",") }

    package init(of trace: StoredTrace, in order: TraceFilter.Order) {
        values = order.columns.map { column in
            switch column {
            case .reward: "\(trace.reward.total)"
            case .tokens: "\(trace.tokens)"
            case .version: "\(trace.version)"
            case .purpose: trace.purpose.rawValue
            case .problem: "\(trace.problem)"
            case .sample: "\(trace.sample)"
            }
        }
    }

    /// - Returns: nil for a text that is no place in this order.
    package init?(_ text: String, in order: TraceFilter.Order) {
        values = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard values.count == order.columns.count else { return nil }
        for (column, value) in zip(order.columns, values) where column.value(value) == nil { return nil }
    }

    /// The condition of SQL for the traces after this place, and its arguments.
    func condition(in order: TraceFilter.Order) -> (sql: String, arguments: StatementArguments) {
        var sql = ""
        var arguments: [DatabaseValue] = []
        for (column, text) in zip(order.columns, values).reversed() {
            let value = column.value(text) ?? .null
            let (name, sign) = ("t.\(column.rawValue)", order.isDescending(column) ? "<" : ">")
            if arguments.isEmpty {
                sql = "\(name) \(sign) ?"
                arguments = [value]
            } else {
                // The first comparison lets SQLite begin at this place in an index.
                sql = "\(name) \(sign)= ? AND (\(name) \(sign) ? OR (\(sql)))"
                arguments = [value, value] + arguments
            }
        }
        return ("(\(sql))", StatementArguments(arguments))
    }
}

extension TraceFilter.Order {
    /// A column that traces are sorted by.
    enum Column: String { case reward, tokens, version, purpose, problem, sample }

    /// The columns of the order; together they name one trace.
    var columns: [Column] {
        let key: [Column] = [.version, .purpose, .problem, .sample]
        return switch self {
        case .newest, .oldest: key
        case .best, .worst: [.reward] + key
        case .longest: [.tokens] + key
        }
    }

    func isDescending(_ column: Column) -> Bool {
        switch column {
        case .reward: self == .best
        case .tokens: true
        case .version: self != .oldest
        case .purpose, .problem, .sample: false
        }
    }

    /// The clause of SQL, for the table `t` (traces).
    var sql: String {
        columns.map { "t.\($0.rawValue)\(isDescending($0) ? " DESC" : "")" }.joined(separator: ", ")
    }
}

extension TraceFilter.Order.Column {
    /// The value of the column that a text stands for; nil when it stands for none.
    func value(_ text: String) -> DatabaseValue? {
        switch self {
        case .reward: Double(text).map(\.databaseValue)
        case .purpose: Purpose(rawValue: text)?.rawValue.databaseValue
        case .tokens, .version, .problem, .sample: Int(text).map(\.databaseValue)
        }
    }
}
