import CZeroMQ
import Glibc

/// A failed call of libzmq: its error, its endpoint, and the remedy.
///
///     ZeroMQError(.addressInUse, operation: "bind", endpoint: "tcp://127.0.0.1:5555")
///     // bind tcp://127.0.0.1:5555: Address already in use (port in use: choose another …)
package struct ZeroMQError: Error, Sendable, Hashable {
    /// An error number of libzmq.
    package struct Code: RawRepresentable, Sendable, Hashable {
        package let rawValue: Int32

        package init(rawValue: Int32) { self.rawValue = rawValue }

        package static let again = Code(rawValue: EAGAIN)
        package static let hostUnreachable = Code(rawValue: EHOSTUNREACH)
        package static let addressInUse = Code(rawValue: EADDRINUSE)
        package static let addressNotAvailable = Code(rawValue: EADDRNOTAVAIL)
        package static let accessDenied = Code(rawValue: EACCES)
        package static let invalidArgument = Code(rawValue: EINVAL)
        package static let noDevice = Code(rawValue: ENODEV)
        package static let nameTooLong = Code(rawValue: ENAMETOOLONG)
        package static let noEntry = Code(rawValue: ENOENT)
        package static let tooManyFiles = Code(rawValue: EMFILE)
        package static let protocolNotSupported = Code(rawValue: EPROTONOSUPPORT)
        package static let interrupted = Code(rawValue: EINTR)
        package static let wrongState = Code(rawValue: EFSM)

        package static func ~= (pattern: Code, error: any Error) -> Bool {
            (error as? ZeroMQError)?.code == pattern
        }
    }

    package let code: Code
    /// The call that failed, with its option or size: `bind`, `set SNDHWM`.
    package let operation: String
    /// The endpoint of the call, nil when it has none.
    package let endpoint: String?

    package init(_ code: Code, operation: String, endpoint: String? = nil) {
        self.code = code
        self.operation = operation
        self.endpoint = endpoint
    }

    /// The error of the last call on this thread.
    static func last(_ operation: String, endpoint: String? = nil) -> ZeroMQError {
        ZeroMQError(Code(rawValue: zmq_errno()), operation: operation, endpoint: endpoint)
    }
}

extension ZeroMQError: CustomStringConvertible {
    package var description: String {
        let place = endpoint.map { " \($0)" } ?? ""
        let reason = zmq_strerror(code.rawValue).map { String(cString: $0) } ?? "error \(code.rawValue)"
        return "\(operation)\(place): \(reason)" + (remedy.map { " (\($0))" } ?? "")
    }

    /// What the user can do, nil when the program is at fault.
    package var remedy: String? {
        switch code {
        case .addressInUse:
            "port in use: choose another, or end the process that holds it"
        case .addressNotAvailable, .noDevice:
            "this machine has no such address: bind to one of its own, for example 127.0.0.1"
        case .accessDenied:
            "not permitted: choose a port above 1023, or a folder this user can write to"
        case .invalidArgument where operation.hasPrefix("bind") || operation.hasPrefix("connect"):
            "an endpoint looks like tcp://HOST:PORT or ipc:///PATH"
        case .protocolNotSupported:
            "an endpoint looks like tcp://HOST:PORT or ipc:///PATH"
        case .nameTooLong:
            "an ipc path has at most 107 bytes: choose a shorter one"
        case .noEntry:
            "the folder of the ipc path must exist"
        case .tooManyFiles:
            "out of file descriptors: raise the limit with `ulimit -n 4096`"
        case .hostUnreachable:
            "no peer with this routing id is connected"
        default:
            nil
        }
    }
}
