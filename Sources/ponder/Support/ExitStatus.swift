import ExternalPrograms
import Messaging
import Reasoning
import RunStore
import Settings
import StrictConfiguration
import Tokenization
import Transformers

/// The exit codes of every command.
enum ExitStatus: Int32, Sendable, CaseIterable {
    case done = 0
    /// The run or the work failed.
    case failed = 1
    /// The call, a configuration or an input file cannot be used; nothing was done.
    case usage = 2
    /// No coordinator answers.
    case unreachable = 3
    /// The other side or another process refused: key, version, digest or lock.
    case refused = 4
    /// Interrupted and saved; the same command continues from there.
    case interrupted = 5
    case noCheckpoint = 6
}

/// An error that determines its command's exit status.
protocol ExitStatusProviding: Error {
    var exitStatus: ExitStatus { get }
}

/// An error of a command, as one sentence with the remedy.
struct CommandFailure: ExitStatusProviding, CustomStringConvertible {
    let exitStatus: ExitStatus
    let description: String

    init(_ exitStatus: ExitStatus, _ message: String) {
        self.exitStatus = exitStatus
        description = message
    }
}

extension ExitStatus {
    /// The exit status for an error of any layer.
    init(_ error: any Error) {
        self =
            switch error {
            case let error as any ExitStatusProviding: error.exitStatus
            case is ConfigurationError, is SettingError, is VerifierError, is EndpointError,
                is ProblemSourceError, is ExternalProgramError,
                is ModelError, is TokenizerError, is RunDirectoryError, is ResumeRefusal:
                .usage
            case is RunLock.Taken: .refused
            case is NoUsableCheckpoint, is MissingCheckpoint: .noCheckpoint
            default: .failed
            }
    }
}
