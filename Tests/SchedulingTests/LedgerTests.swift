import Foundation
import Reinforcement
import Scheduling
import TestSupport
import Testing

struct LedgerTests {
    private var ledger: Ledger {
        var ledger = Ledger()
        for _ in 0..<7 { ledger.issue() }
        ledger.issue(speculative: true)
        ledger.use()
        ledger.use()
        ledger.expire()
        ledger.drop(.superseded)
        ledger.drop(.auditFailed)
        ledger.arriveLate(.duplicate)
        return ledger
    }

    @Test func `every attempt is counted once, and late results beside the sum`() {
        #expect(ledger.closes)
        #expect(ledger.issued == 8 && ledger.used == 2 && ledger.expired == 1 && ledger.outstanding == 3)
        #expect(ledger.dropped == [.superseded: 1, .auditFailed: 1])
        #expect(ledger.late == [.duplicate: 1])
        #expect(ledger.speculative == 1)
    }

    @Test func `ending more than was issued does not close`() {
        var ledger = Ledger()
        ledger.use()
        #expect(!ledger.closes)
    }

    @Test func `a resumed ledger closes, with what was out dropped by name`() {
        let resumed = ledger.resumed()
        #expect(resumed.closes)
        #expect(resumed.outstanding == 0)
        #expect(resumed.dropped[.coordinatorRestarted] == 3)
    }

    @Test func `it is saved as readable JSON and comes back the same`() throws {
        let data = try JSONEncoder().encode(ledger)
        #expect(try JSONDecoder().decode(Ledger.self, from: data) == ledger)
        #expect(String(decoding: data, as: UTF8.self).contains("\"auditFailed\":1"))
    }

    @Test func `a resumed coordinator carries the ledger on`() {
        let state = SchedulerState(Samples.configuration, ledger: ledger.resumed(), now: .zero)
        #expect(state.ledger.used == 2)
        #expect(state.inconsistency == nil)
    }
}
