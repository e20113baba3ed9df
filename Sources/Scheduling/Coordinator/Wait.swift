package import Reinforcement

/// What a coordinator waits for.
package enum Wait: Sendable, Hashable {
    /// No worker is connected.
    case worker
    /// Every connected worker is in quarantine, unreachable or about to leave.
    case ableWorker([String])
    /// A round is open for a version that is not published yet.
    case publication(PolicyVersion)
    /// No connected worker holds the version yet.
    case weights(PolicyVersion, workers: [String])
    /// Results that are outstanding, with the workers that generate them.
    case results(RoundID, assignments: Int, workers: [String])
    /// Results that arrived and are being scored and audited.
    case examination(RoundID, assignments: Int)
    case activity(SchedulerState.Activity)
    case farewell([String])
    case nothing
}

/// What a coordinator waits for, and since when the wait is unchanged.
package struct Waiting: Sendable, Hashable {
    package let wait: Wait
    package let since: Duration

    package init(wait: Wait, since: Duration) {
        self.wait = wait
        self.since = since
    }
}

extension Wait: CustomStringConvertible {
    package var description: String {
        switch self {
        case .worker: "a worker to connect"
        case .ableWorker(let names): "a worker that may be given work; \(list(names)) may not"
        case .publication(let version): "policy \(version.rawValue) to be published"
        case .weights(let version, let names): "\(list(names)) to fetch policy \(version.rawValue)"
        case .results(let round, let count, let names):
            "results of \(count) \(plural(count, "assignment")) of the \(round) from \(list(names))"
        case .examination(let round, let count):
            "the examination of \(count) \(plural(count, "result")) of the \(round)"
        case .activity(let activity): activity.rawValue
        case .farewell(let names): "\(list(names)) to leave"
        case .nothing: "nothing"
        }
    }

    private func list(_ names: [String]) -> String {
        let shown = names.prefix(5).joined(separator: ", ")
        return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }

    private func plural(_ count: Int, _ word: String) -> String { count == 1 ? word : word + "s" }
}

extension RoundID: CustomStringConvertible {
    package var description: String { "\(purpose.rawValue) round of step \(step)" }
}

extension AssignmentID: CustomStringConvertible {
    package var description: String { "assignment \(index) of the \(round)" }
}

extension AttemptID: CustomStringConvertible {
    package var description: String { "attempt \(number) of \(assignment)" }
}
