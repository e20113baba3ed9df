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
        async let inForm: Void = measure(.evaluation)
        async let direct: Void = measure(.direct)
        _ = try await (inForm, direct)
    }

    func measure(_ purpose: Purpose) async throws {
        let version = PolicyVersion(step)
        // An earlier process may have been killed after it recorded this measurement.
        guard !evaluations.contains(where: { $0.version == version && $0.purpose == purpose }) else { return }
        let groups = try await scheduler.generate(try session.plan.measuring(step: step, purpose))
        let record = EvaluationRecord(groups, of: version, purpose, time: Date().timeIntervalSince1970)
        evaluations.append(record)
        await board.add(record)
        await recorder.record(record, groups: groups)
        journal.say(progress.line(record))
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
        metrics.coordinatorSeconds = coordinating
        metrics.measure(groups)
        metrics.measure(report)
        tokens += metrics.tokens
        await board.add(metrics)
        await recorder.record(metrics, groups: groups)
        journal.say(progress.line(metrics))
        if let sample = progress.sample(groups, step: step) { journal.say(sample) }
    }
}
