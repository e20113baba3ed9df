import Coordination
import Messaging
import RunStore
import Service
import ZeroMQ

// How a run's own errors end a command.

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
    /// An endpoint that cannot be bound or dialed is the user's to change.
    var exitStatus: ExitStatus { operation == "bind" || operation == "connect" ? .usage : .failed }
}
