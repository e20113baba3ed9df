import Foundation
import Learning
import Primitives
import Reinforcement
import RunStore
import Scheduling
import Settings

extension Coordinator {
    var isMeasuringDue: Bool {
        let every = session.configuration.evaluation.every
        return step == 0 || step == session.configuration.steps || (every > 0 && step % every == 0)
    }

    func measureIfDue() async throws {
        guard isMeasuringDue else { return }
        await scheduler.began(.evaluating)
        // An earlier process may have been killed after it recorded some of the measurements.
        let due = Purpose.measuring.filter { !isMeasured($0) }
        work = Work(.measuring(policy: step), rounds: due.count, responses: session.plan.heldOut.count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for purpose in due { group.addTask { try await self.measure(purpose) } }
            try await group.waitForAll()
        }
        guard let line = HeldOutMetrics(step: step, of: evaluations) else { return }
        await recorder.record(line)
        guard !due.isEmpty else { return }
        journal.say(progress.line(line, evaluations))
        let rate = await scheduler.report.workers.compactMap(\.tokensPerSecond).reduce(0, +)
        if step == 0, let guess = progress.estimate(line, session.configuration.rollout, rate: rate) {
            journal.say(guess)
        }
    }

    private func isMeasured(_ purpose: Purpose) -> Bool {
        evaluations.contains { $0.version == PolicyVersion(step) && $0.purpose == purpose }
    }

    private func measure(_ purpose: Purpose) async throws {
        let groups = try await scheduler.generate(try session.plan.measuring(step: step, purpose))
        let record = EvaluationRecord(
            groups, of: PolicyVersion(step), purpose, time: Date().timeIntervalSince1970)
        evaluations.append(record)
        work?.complete += 1
        await board.add(record)
        await recorder.record(record, groups: groups)
    }

    func record(
        _ groups: [TraceGroup], _ report: StepReport, seconds: Duration, generating: Duration,
        learning: Duration, coordinating: Double
    ) async {
        var metrics = StepMetrics(
            step: step, incarnation: session.lock.incarnation, time: Date().timeIntervalSince1970)
        metrics.seconds = seconds.seconds
        metrics.elapsed = self.seconds + seconds.seconds
        metrics.generationSeconds = generating.seconds
        metrics.learningSeconds = learning.seconds
        metrics.publishingSeconds = publishing?.seconds
        metrics.coordinatorSeconds = coordinating
        metrics.measure(groups)
        metrics.measure(report)
        tokens += metrics.tokens
        await board.add(metrics)
        await board.show(groups, step: step)
        let found = await recorder.record(metrics, groups: groups)
        journal.say(progress.line(metrics))
        if let sample = progress.sample(groups, step: step) { journal.say(sample) }
        if let found {
            aha = found
            await board.add(found)
            journal.say(progress.text(found, groups))
        }
        if let warning = signal.warning(after: metrics) { journal.alarm("noSignal", warning) }
    }
}
