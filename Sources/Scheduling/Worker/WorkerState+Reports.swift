import Primitives
import Reinforcement

/// What a worker says in its log: whom it dials, why nobody answers, that it is connected, and how it gets on.
extension WorkerState {
    /// Silence after which the log says why nobody answers.
    static let firstComplaint = Duration.seconds(5)
    /// Time between two such lines, and between two lines about the work.
    static let reportInterval = Duration.seconds(60)

    /// The work since the last line about it.
    struct Progress: Sendable, Hashable {
        var since: Duration
        var responses = 0
        var tokens = 0
    }

    /// Asks the shell, now and then while nobody answers, for the reason.
    mutating func complainIfAlone() {
        guard now - lastHeard >= Self.firstComplaint, now >= complaintDue else { return }
        complaintDue = now + Self.reportInterval
        outbox.append(.diagnose)
    }

    /// Logs why nobody answers.
    mutating func explainSilence(_ reason: String) {
        guard phase == .greeting else { return }
        trouble = reason
        outbox.append(
            .note("no answer from \(coordinator) for \((now - lastHeard).text): \(reason); trying again"))
    }

    /// Why the worker gives up.
    var silenceReason: String {
        let silent = (now - lastHeard).text
        guard let trouble else { return "the coordinator has said nothing for \(silent)" }
        return "no answer from \(coordinator) for \(silent): \(trouble)"
    }

    mutating func noteWelcome() {
        trouble = nil
        complaintDue = .zero
        progress = Progress(since: now)
        let policy = newest.map { "policy \($0.rawValue)" } ?? "no policy yet"
        outbox.append(.note("connected to \(coordinator), \(policy)"))
    }

    mutating func reportIfDue() {
        let time = now - progress.since
        guard phase == .welcomed, time >= Self.reportInterval else { return }
        let policy = version.map { ", policy \($0.rawValue)" } ?? ""
        if progress.responses > 0 {
            let rate = Int((Double(progress.tokens) / time.seconds).rounded())
            outbox.append(
                .note("\(progress.responses) responses in \(time.text), \(rate) tokens/s\(policy)"))
        } else {
            outbox.append(.note("no response in \(time.text)\(policy): waiting for \(waitingFor)"))
        }
        progress = Progress(since: now)
    }
}
