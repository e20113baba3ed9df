import Coordination
import Launching
import Messaging
import Service
import ZeroMQ

// Exit statuses for the errors of a run.

extension Coordinator.Interrupted: ExitStatusProviding {
    var exitStatus: ExitStatus { .interrupted }
}

extension KeyError: ExitStatusProviding {
    var exitStatus: ExitStatus { .usage }
}

extension StatusRefused: ExitStatusProviding {
    var exitStatus: ExitStatus { .refused }
}

extension StatusUnanswered: ExitStatusProviding {
    var exitStatus: ExitStatus { .unreachable }
}

extension CoordinatorEnded: ExitStatusProviding {
    var exitStatus: ExitStatus { ExitStatus(rawValue: code) ?? .failed }
}

extension ZeroMQError: ExitStatusProviding {
    /// The user must correct an endpoint that cannot be bound or dialed; a port that is in use becomes free by itself.
    var exitStatus: ExitStatus {
        (operation == "bind" || operation == "connect") && code != .addressInUse ? .usage : .failed
    }
}
