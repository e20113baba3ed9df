import Foundation
import Testing

@testable import Service

/// What the checks of a machine say.
@Suite struct CheckupTests {
    private let now = Date(timeIntervalSince1970: 1_795_000_000)

    @Test func `a clock that is before the program's build is broken, one after it is not`() throws {
        #expect(try Checkup.clock(now: now, built: now.addingTimeInterval(-3600)).contains("2026-11-18"))
        // A file may have been touched a little later by another machine's clock.
        _ = try Checkup.clock(now: now, built: now.addingTimeInterval(3600))
        let error = try #require(throws: CheckFailure.self) {
            try Checkup.clock(now: now, built: now.addingTimeInterval(100_000))
        }
        #expect(error.description.contains("set the clock"))
        #expect(throws: CheckFailure.self) { try Checkup.clock(now: .distantPast, built: .distantPast) }
        #expect(throws: CheckFailure.self) {
            try Checkup.clock(now: Date(timeIntervalSince1970: 0), built: .distantPast)
        }
    }

    @Test func `a disk without the room that a run takes is told with both sizes and the remedy`() throws {
        let scratch = try Scratch()
        let later = scratch.url.appending(path: "runs/that/do/not/exist")
        #expect(try Checkup.disk(later, needed: 1).hasSuffix("free in \(scratch.url.path)"))
        let error = try #require(throws: CheckFailure.self) { try Checkup.disk(later, needed: 1 << 60) }
        #expect(
            error.description.contains("a run takes 1073741824.0 GiB")
                && error.description.contains("checkpoint.keep"))
        #expect(throws: CheckFailure.self) { try Checkup.disk(URL(filePath: "/proc/self"), needed: 1) }
    }

    @Test func `what a run needs is checked in milliseconds`() throws {
        let scratch = try Scratch()
        let start = ContinuousClock.now
        for _ in 0..<10 { #expect(Checkup.essentials(of: scratch.url).allSatisfy(\.ok)) }
        #expect(ContinuousClock.now - start < .seconds(1))
    }

    @Test func `every answer of the golden set has its verdict`() throws {
        #expect(try VerifierTrials.run().contains("\(VerifierTrials.all.count) answers"))
        #expect(Set(VerifierTrials.all.map(\.verifier)).count == 5)
    }
}
