import Foundation
import Host
import Reinforcement
import RunStore
import Scheduling
import Settings
import TestNetwork
import TestSupport
import Testing

@testable import Coordination
@testable import Service

/// A tiny run whose coordinator and workers are processes, on two ports of its own.
struct ProcessRun {
    let goal: Int
    let scratch: Scratch
    let file: String
    let port: UInt16

    init(
        steps: Int = 24, silence: Double = 3, _ change: (inout RunConfiguration) -> Void = { _ in }
    ) throws {
        goal = steps
        scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.steps = steps
        configuration.deadlines.silence = silence
        configuration.deadlines.coordinatorGone = 120
        change(&configuration)
        file = scratch.url.appending(path: "run.yaml").path
        try Data(configuration.yaml.utf8).write(to: URL(filePath: file))
        port = try Self.freePorts()
    }

    var directory: RunDirectory { RunDirectory(root: scratch.run) }
    var steps: [StepMetrics] { (try? MetricsFile.read(directory)) ?? [] }

    func coordinator(
        at host: String = "127.0.0.1", steps: Int? = nil, wrapper: [String] = []
    ) throws -> PonderProcess {
        try PonderProcess(
            scratch, wrapper: wrapper,
            ["coordinator", file, "--bind", "tcp://\(host):\(port)", "--run", scratch.run.path]
                + (steps.map { ["--steps", "\($0)"] } ?? []))
    }

    func worker(
        _ name: String, of host: String = "127.0.0.1", _ more: [String] = [], wrapper: [String] = []
    ) throws -> PonderProcess {
        try PonderProcess(
            scratch, wrapper: wrapper,
            ["worker", "--connect", "tcp://\(host):\(port)", "--name", name] + more)
    }

    /// Sends a signal as soon as a step is recorded, from a thread of its own: a busy machine must not let the run end first.
    func signal(_ process: PonderProcess, _ signal: Int32, at step: Int) async {
        let id = process.child.id
        await withCheckedContinuation { done in
            Thread.detachNewThread {
                let deadline = ContinuousClock.now + .seconds(120)
                while (steps.last?.step ?? 0) < step, ContinuousClock.now < deadline { usleep(2000) }
                kill(id, signal)
                done.resume()
            }
        }
    }

    func expectQuietBits(_ coordinator: PonderProcess) async throws {
        #expect(await coordinator.end() == .exited(0), "\(coordinator.output)")
        let quiet = try await Undisturbed.shared.result(steps: goal).policySHA256
        #expect(try coordinator.result().policySHA256 == quiet)
        let ledger = try #require(try RunStatus(of: directory).report?.ledger)
        #expect(ledger.closes && ledger.outstanding == 0)
        // What the run recorded under its faults gives the same bits again.
        #expect(try await RunReplay(directory).sha256() == quiet)
    }

    /// A port whose neighbour is free, too, and that the system hands to nobody by itself.
    private static func freePorts() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 10_000..<32_000)
            let holders = [port, port + 1].map {
                try? FaultProxy(listening: "127.0.0.1", port: $0, to: 1)
            }
            holders.forEach { $0?.close() }
            if holders.allSatisfy({ $0 != nil }) { return port }
        }
        throw CocoaError(.featureUnsupported)
    }
}
