import Foundation
import Reinforcement
import RunStore
import Scheduling
import Settings
import TestNetwork
import TestSupport
import Testing

@testable import Coordination

/// Networks that are cut, slow, lossy or worse, between a coordinator and real workers: the bits are those of a quiet run.
@Suite(.serialized) struct NetworkFaultTests {
    private static let steps = 12

    private func start(
        _ scratch: Scratch, _ change: (inout RunConfiguration) -> Void = { _ in }
    ) async throws -> ProxiedRun {
        var configuration = try TinyRun.configuration(scratch, steps: Self.steps)
        configuration.deadlines.silence = 2
        change(&configuration)
        return try await ProxiedRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
    }

    private func expectQuietBits(_ result: RunResult, _ scratch: Scratch) async throws {
        #expect(
            result.policySHA256 == (try await Undisturbed.shared.result(steps: Self.steps).policySHA256))
        let ledger = try #require(try RunStatus(of: RunDirectory(root: scratch.run)).report?.ledger)
        #expect(ledger.closes && ledger.outstanding == 0)
    }

    private func step(_ report: CoordinatorReport) -> Int { report.newestVersion ?? 0 }

    @Test func `a worker that is cut off loses its work, is missed by name, and is back when the cut heals`()
        async throws
    {
        let scratch = try Scratch()
        let run = try await start(scratch)
        let road = try run.road(2)
        try await run.add("alone", over: road)
        async let outcome = run.run()
        try await run.wait("work") { $0.workers.first?.results ?? 0 > 0 }
        road.set { $0.silent = [.up, .down] }
        // The cut is noticed by silence alone: both kernels believe in their connections.
        try await run.wait("loss") { $0.workers.first?.state == .gone }
        try await run.wait("named wait") { $0.waitingFor == "a worker to connect" }
        road.set { _ in }
        try await run.wait("return") { $0.workers.first?.state != .gone }
        try await expectQuietBits(try await outcome, scratch)
    }

    @Test(arguments: [Weather.Way.up, .down])
    func `a worker that is heard and does not hear, or the other way, costs time and nothing else`(
        _ way: Weather.Way
    ) async throws {
        let scratch = try Scratch()
        let run = try await start(scratch)
        let road = try run.road(3)
        try await run.add("far", over: road)
        async let outcome = run.run()
        try await run.wait("work") { $0.workers.first?.results ?? 0 > 0 }
        road.set { $0.silent = [way] }
        try await run.add("near")
        let cut = await step(run.report)
        try await run.wait("two more steps") { ($0.newestVersion ?? 0) >= min(cut + 2, Self.steps) }
        road.set { _ in }
        try await expectQuietBits(try await outcome, scratch)
    }

    @Test(arguments: [0.05, 0.2])
    func `lost segments make a run slower and change nothing`(_ loss: Double) async throws {
        let scratch = try Scratch()
        let run = try await start(scratch)
        let road = try run.road(4) {
            $0.loss = loss
            $0.retransmission = .milliseconds(20)
        }
        try await run.add("far", over: road)
        try await expectQuietBits(try await run.run(), scratch)
        #expect(road.control.counts.losses > 0)
    }

    @Test func `delay, jitter and connections that overtake each other change nothing`() async throws {
        let scratch = try Scratch()
        let run = try await start(scratch)
        let roads = try (5...6).map { number in
            try run.road(number) {
                $0.delay = .milliseconds(20)
                $0.jitter = .milliseconds(40)
                $0.opening = .milliseconds(300)
            }
        }
        for (index, road) in roads.enumerated() { try await run.add("far-\(index)", over: road) }
        try await expectQuietBits(try await run.run(), scratch)
    }

    @Test func `connections that are reset again and again are dialed again and again`() async throws {
        let scratch = try Scratch()
        let run = try await start(scratch)
        let road = try run.road(7)
        try await run.add("far", over: road)
        let storm = Task {
            var resets = 0
            do {
                while true {
                    let used = await run.report.ledger.used
                    try await run.wait("work after a reset") { $0.ledger.used > used + 2 }
                    road.set { $0.refuses = true }
                    road.control.reset()
                    road.weights.reset()
                    let dials = road.control.counts.connections
                    try await run.wait("refused dial") { _ in road.control.counts.connections > dials }
                    road.set { _ in }
                    resets += 1
                }
            } catch is CancellationError {
                return resets
            }
        }
        let result = try await run.run()
        storm.cancel()
        #expect(try await storm.value >= 3)
        try await expectQuietBits(result, scratch)
    }

    @Test func `a worker behind a narrow link lags alone, and its download goes on where it was`()
        async throws
    {
        let scratch = try Scratch()
        let run = try await start(scratch) { $0.deadlines.silence = 20 }
        let road = try run.road(8) { $0.bytesPerSecond = 200_000 }
        try await run.add("near")
        try await run.add("narrow", over: road)
        let result = try await run.run()
        let report = try #require(try RunStatus(of: RunDirectory(root: scratch.run)).report)
        // Nothing of it was waited for: what it has is handed to the other when that is idle.
        #expect(report.workers.first { $0.name == "near" }?.results ?? 0 > 0)
        #expect(report.workers.allSatisfy { $0.deaths == 0 })
        try await expectQuietBits(result, scratch)
    }

    @Test func `weights whose bits flip on the way are fetched again and never used`() async throws {
        let scratch = try Scratch()
        let run = try await start(scratch)
        let road = try run.road(9)
        // About one bit in three downloads; the control port is left alone, since without keys nothing guards it.
        road.weights.weather = .with { $0.bytesPerFlip = 200_000 }
        try await run.add("far", over: road)
        let result = try await run.run()
        #expect(road.weights.counts.flips > 0)
        try await expectQuietBits(result, scratch)
    }
}
