import Reinforcement
import Testing

@testable import RunStore

/// Pages of traces: each begins where the one before ended.
@Suite struct TracePlaceTests {
    let scratch: Scratch
    let database: RunDatabase

    init() throws {
        scratch = try Scratch()
        database = try RunDatabase.open(try scratch.run())
        for version in 0..<3 {
            let groups = (0..<2).map { TraceGroup.sample(version: version, problem: $0) }
            try database.record(.sample(step: version + 1), groups: groups, traceLimit: 100)
        }
    }

    private func pages(_ order: TraceFilter.Order, between: () throws -> Void = {}) throws -> [StoredTrace] {
        var filter = TraceFilter()
        (filter.order, filter.limit) = (order, 5)
        var all: [StoredTrace] = []
        while true {
            let page = try database.traces(filter)
            all += page
            guard page.count == filter.limit, let last = page.last else { return all }
            // As a client sends it back.
            let sent = "\(TracePlace(of: last, in: order))"
            let place: TracePlace = try #require(TracePlace(sent, in: order))
            filter.after = place
            try between()
        }
    }

    @Test(arguments: [TraceFilter.Order.newest, .oldest, .best, .worst, .longest])
    func `pages together are the whole list in its order, whatever is equal`(order: TraceFilter.Order) throws
    {
        var filter = TraceFilter()
        filter.order = order
        let all = try database.traces(filter)
        #expect(all.count == 24)
        #expect(try pages(order) == all)
    }

    @Test func `traces that come meanwhile repeat none and hide none`() throws {
        let before = try database.traces(TraceFilter())
        var version = 3
        let seen = try pages(.newest) {
            try database.record(
                .sample(step: version + 1), groups: [.sample(version: version)], traceLimit: 9)
            version += 1
        }
        #expect(seen == before)
    }

    @Test(arguments: ["", "1", "1,training,2", "1,training,2,x", "1,nothing,2,3", "1,training,2,3,4"])
    func `a text that is no place is refused`(text: String) {
        #expect(TracePlace(text, in: .newest) == nil)
    }
}
