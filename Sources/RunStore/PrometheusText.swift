import Foundation
import Scheduling

/// A run's status in the text format that Prometheus reads, version 0.0.4.
///
///     # HELP ponder_step Training steps done.
///     # TYPE ponder_step gauge
///     ponder_step 31
package enum PrometheusText {
    /// What an HTTP server answers as `Content-Type`.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package static func render(_ status: RunStatus) -> String {
        metrics(of: status).filter { !$0.samples.isEmpty }.map(\.text).joined()
    }

    /// Names of all metrics of such a status, also of those without a sample now.
    static func names(of status: RunStatus) -> [String] { metrics(of: status).map(\.name) }

    private static func metrics(of status: RunStatus) -> [PrometheusMetric] {
        ofRun(status) + ofStep(status.last) + ofEvaluations(status) + ofReport(status)
    }

    private static func ofRun(_ status: RunStatus) -> [PrometheusMetric] {
        let phases = Set(["starting", "running", "done", "interrupted", "failed", "killed", status.phase])
        return [
            .gauge("ponder_run_info", "The run's folder.", [(["folder": status.folder], 1)]),
            .gauge(
                "ponder_run_phase", "1 for the phase that the run is in.",
                phases.sorted().map { (["phase": $0], $0 == status.phase ? 1 : 0) }),
            .gauge("ponder_step", "Training steps done.", status.step),
            .gauge("ponder_planned_steps", "Training steps of the whole run.", status.steps),
            .gauge("ponder_saved_step", "Step of the newest checkpoint.", status.savedStep),
            .gauge(
                "ponder_trouble", "1 while checkpoints or records cannot be written.",
                status.trouble == nil ? 0 : 1),
            .gauge(
                "ponder_report_age_seconds", "Age of these figures, when they come from files.", status.age),
        ]
    }

    private static func ofStep(_ last: StepMetrics?) -> [PrometheusMetric] {
        [
            .gauge("ponder_train_reward", "Mean reward of a response of the last step.", last?.reward),
            .gauge(
                "ponder_train_accuracy_ratio", "Share of right responses of the last step.", last?.accuracy),
            .gauge("ponder_train_format_ratio", "Share of responses in the form.", last?.format),
            .gauge("ponder_train_credit_ratio", "Mean share of the reward for the answer.", last?.credit),
            .gauge(
                "ponder_train_silent_groups", "Groups of the last step with equal rewards.",
                last?.silentGroups),
            .gauge("ponder_train_groups", "Groups of the last step.", last?.groups),
            .gauge(
                "ponder_train_truncated_responses", "Responses of the last step cut at the limit.",
                last?.truncated),
            .gauge(
                "ponder_train_undecided_responses", "Responses that the verifier could not judge.",
                last?.undecided),
            .gauge(
                "ponder_train_thought_length_characters", "Mean length of a thought of the last step.",
                last?.thoughtLength),
            .gauge("ponder_train_loss", "Loss before the last update; absent without variance.", last?.loss),
            .gauge(
                "ponder_train_gradient_norm", "Norm of the gradients before clipping.", last?.gradientNorm),
            .gauge("ponder_train_learning_rate", "Learning rate of the last step.", last?.learningRate),
            .gauge("ponder_train_entropy_nats", "Mean of minus log-probability of a token.", last?.entropy),
            .gauge(
                "ponder_train_mismatch_nats", "Mean difference of learner and worker in log-probability.",
                last?.mismatch),
            .gauge("ponder_train_staleness_steps", "Mean age of a token learned from.", last?.staleness),
            .gauge("ponder_train_step_tokens", "Response tokens of the last step.", last?.tokens),
            .gauge("ponder_train_step_seconds", "Duration of the last step.", last?.seconds),
            .gauge(
                "ponder_train_generation_seconds", "From the start of the last step to its last group.",
                last?.generationSeconds),
            .gauge("ponder_train_learning_seconds", "Duration of the last update.", last?.learningSeconds),
            .counter("ponder_train_elapsed_seconds_total", "Duration of all steps.", last?.elapsed),
            .gauge(
                "ponder_train_step_timestamp_seconds", "End of the last step, in seconds since 1970.",
                last?.time),
            .gauge(
                "ponder_train_further_reward_ratio", "Mean of each further reward, without its weight.",
                (last?.rewards ?? [:]).sorted { $0.key < $1.key }.map { (["reward": $0.key], $0.value) }),
        ]
    }

    private static func ofEvaluations(_ status: RunStatus) -> [PrometheusMetric] {
        let measured = [
            ("sampled", status.heldoutAccuracy), ("greedy", status.heldoutGreedy),
            ("direct", status.directAccuracy),
        ].compactMap { mode, accuracy in
            accuracy.max { $0.key < $1.key }.map { (mode: ["mode": mode], step: $0.key, accuracy: $0.value) }
        }
        return [
            .gauge(
                "ponder_heldout_accuracy_ratio",
                "Share of held-out problems answered right by the newest measured policy.",
                measured.map { ($0.mode, $0.accuracy) }),
            .gauge(
                "ponder_heldout_step", "Steps that the newest measured policy has had.",
                measured.map { ($0.mode, Double($0.step)) }),
        ]
    }

    private static func ofReport(_ status: RunStatus) -> [PrometheusMetric] {
        guard let report = status.report else { return [] }
        let ledger = report.ledger
        let workers = report.workers.filter { $0.state != .gone }
        func ofWorkers(_ value: (CoordinatorReport.Worker) -> Double?) -> [PrometheusMetric.Sample] {
            workers.compactMap { worker in value(worker).map { (["worker": worker.name], $0) } }
        }
        return [
            .gauge("ponder_incarnation", "Starts of the coordinator so far.", Double(report.incarnation)),
            .gauge("ponder_policy_version", "Steps that the published policy has had.", report.newestVersion),
            .gauge(
                "ponder_waiting_seconds", "Since when the run waits for the same thing.",
                report.waitingSeconds),
            .counter("ponder_assignments_issued_total", "Attempts at assignments handed out.", ledger.issued),
            .counter("ponder_assignments_used_total", "Attempts whose traces were used.", ledger.used),
            .counter("ponder_assignments_expired_total", "Attempts whose lease ran out.", ledger.expired),
            .counter(
                "ponder_assignments_dropped_total", "Attempts that ended without use, by reason.",
                ledger.dropped.sorted { $0.key.rawValue < $1.key.rawValue }
                    .map { (["reason": $0.key.rawValue], Double($0.value)) }),
            .counter(
                "ponder_results_late_total", "Results that came too late, by reason.",
                ledger.late.sorted { $0.key.rawValue < $1.key.rawValue }
                    .map { (["reason": $0.key.rawValue], Double($0.value)) }),
            .gauge("ponder_assignments_outstanding", "Attempts that workers have now.", ledger.outstanding),
            .gauge(
                "ponder_workers", "Workers by state.",
                Dictionary(grouping: report.workers, by: \.state.rawValue).sorted { $0.key < $1.key }
                    .map { (["state": $0.key], Double($0.value.count)) }),
            .gauge(
                "ponder_worker_tokens_per_second", "Rate at which a worker generates.",
                ofWorkers(\.tokensPerSecond)),
            .gauge(
                "ponder_worker_version_lag_steps",
                "Steps by which a worker's policy is older than the published one.",
                ofWorkers { worker in
                    guard let newest = report.newestVersion, let version = worker.version else { return nil }
                    return Double(newest - version)
                }),
            .gauge(
                "ponder_worker_last_seen_seconds", "Time since a worker's last message.",
                ofWorkers(\.secondsSinceSeen)),
            .counter("ponder_worker_results_total", "Results of a worker.", ofWorkers { Double($0.results) }),
            .counter(
                "ponder_worker_rejected_total", "Results of a worker that were refused.",
                ofWorkers { Double($0.rejected) }),
        ]
    }
}

/// A metric with its samples.
private struct PrometheusMetric {
    typealias Sample = (labels: [String: String], value: Double)

    let name: String
    let type: String
    let help: String
    let samples: [Sample]

    static func gauge(_ name: String, _ help: String, _ samples: [Sample]) -> PrometheusMetric {
        PrometheusMetric(name: name, type: "gauge", help: help, samples: samples)
    }

    static func gauge(_ name: String, _ help: String, _ value: Double?) -> PrometheusMetric {
        gauge(name, help, value.map { [([:], $0)] } ?? [])
    }

    static func gauge(_ name: String, _ help: String, _ value: Int?) -> PrometheusMetric {
        gauge(name, help, value.map(Double.init))
    }

    static func counter(_ name: String, _ help: String, _ samples: [Sample]) -> PrometheusMetric {
        PrometheusMetric(name: name, type: "counter", help: help, samples: samples)
    }

    static func counter(_ name: String, _ help: String, _ value: Double?) -> PrometheusMetric {
        counter(name, help, value.map { [([:], $0)] } ?? [])
    }

    static func counter(_ name: String, _ help: String, _ value: Int) -> PrometheusMetric {
        counter(name, help, Double(value))
    }

    var text: String {
        let lines = samples.map { labels, value in
            let text = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            return "\(name)\(text.isEmpty ? "" : "{\(text.joined(separator: ","))}") \(Self.number(value))\n"
        }
        return "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n" + lines.joined()
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        // Whole numbers as `31`, not `31.0`.
        return Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    /// A label's value, which may come from a worker.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
