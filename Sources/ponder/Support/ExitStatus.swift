import ExternalPrograms
import Messaging
import Reasoning
import RunStore
import Settings
import StrictConfiguration
import Tokenization
import Transformers

/// How a command ends, for scripts that call it.
enum ExitStatus: Int32, Sendable, CaseIterable {
    case done = 0
    /// The run or the work failed.
    case failed = 1
    /// The call, a configuration or an input file cannot be used; nothing was done.
    case usage = 2
    /// No coordinator answers.
    case unreachable = 3
    /// The other side, or a running owner, says no: key, version, digest, lock.
    case refused = 4
    /// Interrupted; the same command goes on from there.
    case interrupted = 5
    case noCheckpoint = 6
}

/// An error that knows how its command ends.
protocol ExitStatusProviding: Error {
    var exitStatus: ExitStatus { get }
}

/// What a command cannot do, in one sentence with the remedy.
struct CommandFailure: ExitStatusProviding, CustomStringConvertible {
    let exitStatus: ExitStatus
    let description: String

    init(_ exitStatus: ExitStatus, _ message: String) {
        self.exitStatus = exitStatus
        description = message
    }
}

extension ExitStatus {
    /// The status that an error of any layer ends a command with.
    init(_ error: any Error) {
        self =
            switch error {
            case let error as any ExitStatusProviding: error.exitStatus
            case is ConfigurationError, is SettingError, is VerifierError, is EndpointError,
                is ProblemSourceError, is ExternalProgramError,
                is ModelError, is TokenizerError, is RunDirectoryError, is ResumeRefusal:
                .usage
            case is RunLock.Taken: .refused
            case is NoUsableCheckpoint: .noCheckpoint
            default: .failed
            }
    }
}
