import Foundation
import ModelFiles
import Reasoning
import RunStore
import Scheduling
import Settings
import WeightTransfer
import Wire

extension Coordinator {
    func begin() async throws {
        await scheduler.open()
        let saved = session.resumed
        var event: EventRecord?
        if session.lock.incarnation > 1 || saved != nil {
            event = EventRecord(
                time: Date().timeIntervalSince1970, monotonic: 0, incarnation: session.lock.incarnation,
                step: step,
                kind: "resumed", message: "resumed at step \(step) as incarnation \(session.lock.incarnation)"
            )
        }
        let records = try await recorder.open(at: step, event: event)
        journal.begin(step: step)
        await board.insecure(try await recorder.keepInsecure(ports.insecure))
        if let insecure = ports.insecure { journal.alarm("insecure", "INSECURE: \(insecure)") }
        for skipped in saved?.skipped ?? [] {
            journal.alarm("checkpointFallback", "ALARM: a damaged checkpoint is set aside: \(skipped)")
        }
        for change in session.changes { journal.alarm("configurationChanged", "changed: \(change)") }
        tokens = records.steps.reduce(0) { $0 + $1.tokens }
        evaluations = records.evaluations
        await scheduler.recall(records.setAside)
        for record in evaluations { await board.add(record) }
        if let last = records.steps.last { await board.add(last) }
        await recorder.record(.phase, "running")
        startKeeper()

        try await learner.open(session.model, resuming: saved?.checkpoint)
        let policy = try await learner.export()
        policyHash = policy.manifest.policyHash
        if let saved, saved.state.policySHA256 != policyHash {
            throw PolicyMismatch(step: step, said: saved.state.policySHA256, found: policyHash)
        }
        journal.say(progress.opening(session))
        if saved == nil {
            for remark in session.plan.source.remarks { journal.alarm("problems", remark) }
            await save()
        }
        try await publisher.publish(policy)
    }

    func finish(_ farewell: Farewell) async throws -> RunResult {
        work = nil
        await scheduler.began(.finishing)
        guard await saveAtLast() else {
            throw OutcomeNotSaved(step: step, folder: session.directory.root.path)
        }
        let result = RunResult(
            run: session.directory.root.path, seed: session.configuration.seed, steps: step, seconds: seconds,
            tokens: tokens, policySHA256: policyHash, evaluations: evaluations,
            checkpointFallback: session.resumed?.isFallback ?? false)
        await recorder.record(.result, result)
        await end(farewell, phase: "done")
        return result
    }

    func finishEarly(_ farewell: Farewell, _ error: any Error) async throws {
        journal.note(farewell == .interrupted ? "interrupted" : "failed", "\(error)")
        // After a failure the learner's state may be damaged, so only an interrupted run is saved here.
        if farewell == .interrupted, !policyHash.isEmpty { await save() }
        await end(farewell, phase: farewell.rawValue)
    }

    /// Saves the last step's checkpoint, with several tries, because it is the result of the run.
    func saveAtLast() async -> Bool {
        for pause in [1, 2, 4, 0] {
            if await save() { return true }
            try? await Task.sleep(for: .seconds(pause))
        }
        return false
    }

    func end(_ farewell: Farewell, phase: String) async {
        await leaving()
        await scheduler.takeLeave(farewell)
        await recorder.record(await scheduler.report)
        await recorder.record(.phase, phase)
        keeper?.cancel()
        await scheduler.close()
        await examiner.close()
        await ports.weights.close()
        await recorder.close()
        session.lock.release()
    }

    /// Records the current wait for `status --run` and tells how far the work is, once a second or, with many
    /// workers, less often.
    func startKeeper() {
        keeper = Task { [scheduler, recorder, board] in
            while !Task.isCancelled {
                let report = await scheduler.report
                if let line = work?.line(report.rounds) { working(line) }
                await recorder.record(report)
                await board.trouble(await recorder.trouble)
                try? await Task.sleep(for: report.pause)
            }
        }
    }
}
