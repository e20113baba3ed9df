import Coordination
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

extension ZeroMQError: ExitStatusProviding {
    /// The user must correct an endpoint that cannot be bound or dialed; a port that is in use becomes free by itself.
    var exitStatus: ExitStatus {
        (operation == "bind" || operation == "connect") && code != .addressInUse ? .usage : .failed
    }
}
