import Primitives
import RunStore
import Scheduling
import Settings
import Wire

extension Coordinator {
    var isSavingDue: Bool {
        let every = session.configuration.checkpoint.every
        // After a failed save, the next step is due as well.
        return step == session.configuration.steps || step - (savedStep ?? -every) >= every
            || step % every == 0
    }

    /// Saves the step; a failed write raises an alarm, and the next step tries again.
    ///
    /// - Parameter time: wall time of the current step so far, which `seconds` does not include yet.
    /// - Returns: whether the step is saved.
    @discardableResult
    func save(during time: Duration = .zero) async -> Bool {
        if savedStep == step { return true }
        await scheduler.began(.checkpointing)
        do {
            let documents = try session.documents
            let state = RunState(
                run: session.identity.id, step: step, optimizerSteps: optimizerSteps,
                seed: session.configuration.seed, cursor: cursor, incarnation: session.lock.incarnation,
                seconds: seconds + time.seconds, ledger: await scheduler.ledger,
                protocolVersion: WireProtocol.version,
                digests: Digests(of: documents), policySHA256: policyHash, curriculum: curriculum)
            try await learner.save(state, to: session.store)
        } catch let error as CheckpointPruneFailure {
            journal.alarm("checkpointKept", "ALARM: \(error)")
        } catch {
            journal.alarm("checkpointFailed", "ALARM: \(error)")
            await board.trouble("\(error)")
            return false
        }
        savedStep = step
        return true
    }
}
