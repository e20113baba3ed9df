import FlyingFox
import Foundation
import Reasoning
import Reinforcement
import RunStore

extension TraceFilter {
    /// The most traces of one answer.
    private static let page = 50

    /// Reads the parameters of `/api/runs/N/traces`.
    ///
    /// - Throws: a reply that names the parameter.
    init(_ request: HTTPRequest) throws(Reply) {
        self.init()
        limit = min(Self.page, max(1, try request.number("limit") ?? 20))
        let asked = request.value("purpose") ?? Purpose.training.rawValue
        purpose = asked == "all" ? nil : try Self.known(asked, "purpose")
        order =
            try request.value("order").map { name throws(Reply) in try Self.known(name, "order") } ?? .newest
        verdict = try request.value("verdict").map { name throws(Reply) in try Self.known(name, "verdict") }
        // A step learns from traces of the policy before it.
        let offset = purpose == .training ? 1 : 0
        let (first, last): (Int?, Int?) = (try request.number("from"), try request.number("to"))
        if first != nil || last != nil { versions = try Self.range(first, last, "from", offset) }
        let (few, many): (Int?, Int?) = (try request.number("min_tokens"), try request.number("max_tokens"))
        if few != nil || many != nil { tokens = try Self.range(few, many, "min_tokens") }
        let (low, high): (Double?, Double?) = (
            try request.number("min_reward"), try request.number("max_reward")
        )
        if low != nil || high != nil {
            guard low ?? -.infinity <= high ?? .infinity else { throw Self.empty("min_reward") }
            rewards = (low ?? -.infinity)...(high ?? .infinity)
        }
        problemID = request.value("problem")
        worker = request.value("worker")
        containing = request.value("text")
        if let place = request.value("next") {
            guard let place = TracePlace(place, in: order) else {
                throw Reply(.badRequest, "next must be what the answer before gave")
            }
            after = place
        }
    }

    private static func range(
        _ first: Int?, _ last: Int?, _ name: String, _ offset: Int = 0
    ) throws(Reply) -> ClosedRange<Int> {
        guard first ?? 0 <= last ?? .max else { throw empty(name) }
        return (first ?? offset) - offset...max((first ?? offset) - offset, (last ?? .max) - offset)
    }

    private static func empty(_ name: String) -> Reply {
        Reply(.badRequest, "\(name) is greater than the other end of its range")
    }

    private static func known<Value: RawRepresentable>(_ text: String, _ name: String) throws(Reply) -> Value
    where Value.RawValue == String {
        guard let value = Value(rawValue: text) else {
            throw Reply(.badRequest, "\(name) does not know '\(text.prefix(40))'")
        }
        return value
    }
}

extension HTTPRequest {
    /// The number of a parameter; nil when it is missing or empty.
    ///
    /// - Throws: a reply that names the parameter.
    func number<Number: LosslessStringConvertible & Comparable & ExpressibleByIntegerLiteral>(
        _ name: String
    ) throws(Reply) -> Number? {
        guard let text = value(name) else { return nil }
        guard let number = Number(text), number == number, -1_000_000_000...1_000_000_000 ~= number else {
            throw Reply(.badRequest, "\(name) must be a number, not '\(text.prefix(40))'")
        }
        return number
    }
}
