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
        await dispatcher.began(.evaluating)
        async let inForm: Void = measure(.evaluation)
        async let direct: Void = measure(.direct)
        _ = try await (inForm, direct)
    }

    func measure(_ purpose: Purpose) async throws {
        let version = PolicyVersion(step)
        // A life that was killed after measuring has done this already.
        guard !evaluations.contains(where: { $0.version == version && $0.purpose == purpose }) else { return }
        let groups = try await dispatcher.generate(session.plan.measuring(step: step, purpose))
        let record = evaluation.record(groups, of: version, purpose, time: Date().timeIntervalSince1970)
        evaluations.append(record)
        await board.add(record)
        await recorder.record(record, groups: await attributed(groups))
        journal.say(progress.line(record))
    }

    func record(
        _ groups: [TraceGroup], _ report: StepReport, seconds: Duration, generating: Duration,
        learning: Duration, coordinating: Double
    ) async {
        let metrics = StepMetrics(
            step: step, epoch: session.lock.epoch, time: Date().timeIntervalSince1970,
            seconds: seconds.seconds, elapsed: self.seconds + seconds.seconds, groups: groups,
            rules: session.rules, report: report,
            generation: generating.seconds, learning: learning.seconds, coordinating: coordinating)
        tokens += metrics.tokens
        await board.add(metrics)
        await recorder.record(metrics, groups: await attributed(groups))
        journal.say(progress.line(metrics))
        if let sample = progress.sample(groups, step: step) { journal.say(sample) }
    }

    /// Groups with the names of the workers that generated them.
    func attributed(_ groups: [TraceGroup]) async -> [GroupRecord] {
        var records: [GroupRecord] = []
        for group in groups {
            var author: String?
            if let round = group.traces.first?.trace.id.round {
                author = await dispatcher.author(of: group.problem.index, in: round)
            }
            records.append(GroupRecord(group: group, worker: author))
        }
        return records
    }
}
