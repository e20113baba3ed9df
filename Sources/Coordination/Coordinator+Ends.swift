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
        let resumed = session.resumed
        var event: EventRecord?
        if session.lock.incarnation > 1 || resumed != nil {
            event = EventRecord(
                time: Date().timeIntervalSince1970, monotonic: 0, incarnation: session.lock.incarnation,
                step: step,
                kind: "resumed", message: "resumed at step \(step) as incarnation \(session.lock.incarnation)"
            )
        }
        let records = try await recorder.open(
            at: step, event: event, countsTokens: resumed?.state.tokens == nil)
        journal.begin(step: step)
        await board.insecure(try await recorder.keepInsecure(ports.insecure))
        if let insecure = ports.insecure { journal.alarm("insecure", "INSECURE: \(insecure)") }
        for skipped in resumed?.skipped ?? [] {
            journal.alarm("checkpointFallback", "ALARM: a damaged checkpoint is set aside: \(skipped)")
        }
        for change in session.changes { journal.alarm("configurationChanged", "changed: \(change)") }
        // Steps that are no longer recorded count as well.
        tokens = resumed?.state.tokens ?? records.tokens
        evaluations = records.evaluations
        await scheduler.recall(records.setAside)
        for record in evaluations { await board.add(record) }
        await board.add(curve: records.curve)
        if let last = records.last { await board.add(last) }
        aha = records.aha
        if let aha { await board.add(aha) }
        await recorder.record(.steps, session.configuration.steps)
        await recorder.record(.phase, "running")
        await recorder.record(.trouble, "")
        await board.saved(saved.step)
        startKeeper()

        try await learner.open(session.model, resuming: resumed?.checkpoint)
        let policy = try await learner.export()
        policyHash = policy.manifest.policyHash
        if let resumed, resumed.state.policySHA256 != policyHash {
            throw PolicyMismatch(step: step, said: resumed.state.policySHA256, found: policyHash)
        }
        journal.say(progress.opening(session))
        if records.cut > 0 {
            journal.say(
                "\(records.cut) recorded steps after step \(step) are not saved: they are cut and done again")
        }
        journal.say(progress.problems(session.plan))
        if resumed == nil {
            for remark in session.plan.source.remarks { journal.alarm("problems", remark) }
            await save()
        }
        try await publisher.publish(policy)
    }

    func finish(_ farewell: Farewell) async throws -> RunResult {
        work = nil
        await scheduler.began(.finishing)
        guard await saveAtLast() else {
            throw OutcomeNotSaved(
                step: step, folder: session.directory.root.path, newest: saved.step,
                reason: savingTrouble ?? "the reason is in the log")
        }
        let result = RunResult(
            run: session.directory.root.path, seed: session.configuration.seed, steps: step, seconds: seconds,
            tokens: tokens, policySHA256: policyHash, evaluations: evaluations,
            checkpointFallback: session.resumed?.isFallback ?? false, ahaStep: aha?.step)
        await recorder.record(.result, result)
        await end(farewell, phase: "done")
        return result
    }

    /// - Returns: whether the last step is saved.
    @discardableResult
    func finishEarly(_ farewell: Farewell, _ error: any Error) async -> Bool {
        journal.note(farewell == .interrupted ? "interrupted" : "failed", "\(error)")
        // A failure in the middle of a step may have damaged the learner's state.
        let canSave = !isMidStep && !policyHash.isEmpty
        let isSaved = canSave ? await save() : false
        await end(farewell, phase: farewell.rawValue)
        return isSaved
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

    /// The error for a run that was asked to pause.
    func interrupted(saved isSaved: Bool) -> any Error {
        let folder = session.directory.root.path
        if isSaved { return Interrupted(step: step, folder: folder) }
        return InterruptedUnsaved(
            step: step, folder: folder, newest: saved.step,
            reason: savingTrouble ?? "the run had not begun")
    }

    /// Records the current wait for `status --run` and tells how far the work is, once a second or, with many
    /// workers, less often.
    func startKeeper() {
        keeper = Task { [scheduler, recorder, board] in
            while !Task.isCancelled {
                let report = await scheduler.report
                if let line = work?.line(report.rounds) { working(line) }
                await recorder.record(report)
                await board.trouble(records: await recorder.trouble)
                try? await Task.sleep(for: report.pause)
            }
        }
    }
}
