import Primitives
import RunStore
import Scheduling
import Settings
import Synchronization
import Wire

/// The step of the newest checkpoint, readable from any thread at any time, such as when a signal ends the process at once.
package final class SavedStep: Sendable {
    private let value: Mutex<Int?>

    init(_ step: Int?) { value = Mutex(step) }

    /// Nil when the run has no checkpoint.
    package fileprivate(set) var step: Int? {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}

extension Coordinator {
    var isSavingDue: Bool {
        let settings = session.configuration.checkpoint
        let isLate =
            settings.everySeconds > 0
            && ContinuousClock.now - lastSave >= .seconds(settings.everySeconds)
        // After a failed save, the next step is due as well.
        return isSavingWanted || isLate || step == session.configuration.steps
            || step - (saved.step ?? -settings.every) >= settings.every || step % settings.every == 0
    }

    /// Saves the last step that is done, at once or as soon as the learner has ended the step that it is in; the run goes on.
    package func saveNow() async {
        isSavingWanted = true
        if !isMidStep, !policyHash.isEmpty { await save() }
    }

    /// Saves the step; a failed write raises an alarm, and the next step tries again.
    ///
    /// - Parameter time: wall time of the current step so far, which `seconds` does not include yet.
    /// - Returns: whether the step is saved.
    @discardableResult
    func save(during time: Duration = .zero) async -> Bool {
        await settleSaving()
        guard saved.step != step else {
            tellWanted()
            return true
        }
        let saving = Task {
            defer { self.saving = nil }
            return await write(during: time)
        }
        self.saving = saving
        return await saving.value
    }

    /// Returns when no checkpoint is being written; the learner must not change before.
    func settleSaving() async {
        while let saving { _ = await saving.value }
    }

    private func write(during time: Duration) async -> Bool {
        await scheduler.began(.checkpointing)
        do {
            try session.lock.verify()
            let documents = try session.documents
            let state = RunState(
                run: session.identity.id, step: step, optimizerSteps: optimizerSteps,
                seed: session.configuration.seed, cursor: cursor, incarnation: session.lock.incarnation,
                seconds: seconds + time.seconds, ledger: await scheduler.ledger,
                protocolVersion: WireProtocol.version,
                digests: Digests(of: documents), policySHA256: policyHash, curriculum: curriculum,
                tokens: tokens)
            try await learner.save(state, to: session.store)
        } catch let error as CheckpointPruneFailure {
            journal.alarm("checkpointKept", "ALARM: \(error)")
        } catch {
            journal.alarm("checkpointFailed", "ALARM: \(error)")
            // What happens to later steps does not matter at an end.
            let reason = (error as? CheckpointWriteFailure)?.cause ?? error
            await trouble("\(error)", because: "\(reason)")
            return false
        }
        saved.step = step
        lastSave = ContinuousClock.now
        await board.saved(step)
        if savingTrouble != nil { await trouble(nil, because: nil) }
        tellWanted()
        return true
    }

    private func trouble(_ text: String?, because reason: String?) async {
        savingTrouble = reason
        await board.trouble(saving: text)
        await recorder.record(.trouble, text ?? "")
    }

    private func tellWanted() {
        if isSavingWanted { journal.say("step \(step) is saved; the run goes on") }
        isSavingWanted = false
    }
}
