/// Why an endpoint cannot be used; the user must change it (exit code 2).
package enum EndpointError: Error, Sendable, Hashable {
    case malformed(String, reason: String)
    /// Other machines can reach the endpoint, and neither keys nor `--insecure` were given.
    case openToOthers(String)
    /// The host is unknown, or belongs to another machine.
    case cannotBind(String, reason: String)
    /// The control port is 65535, so the weights have no next port.
    case noNextPort(String)
    /// The weights are on a TCP port, but the coordinator was dialed at a path.
    case noHost(control: String, weightsPort: Int)
    case badWeightsPort(Int)
}

extension EndpointError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let text, let reason):
            "endpoint \"\(text)\": \(reason) (write tcp://HOST:PORT or ipc:///PATH)"
        case .openToOthers(let text):
            "other machines can reach \(text), and without keys anyone there could take part: "
                + "give --keys DIR (`ponder keys --help`), bind to a loopback address such as tcp://127.0.0.1:5555, "
                + "or accept anyone with --insecure"
        case .cannotBind(let text, let reason):
            "\(text) cannot be bound: \(reason); bind to an address, a name or an interface of this machine, or to *"
        case .noNextPort(let text):
            "\(text) has no next port for the weights: choose a lower port, or give --weights-bind"
        case .noHost(let control, let port):
            "the coordinator serves weights on TCP port \(port), but \(control) does not name a host: connect over tcp://"
        case .badWeightsPort(let port):
            "the coordinator serves weights on port \(port), which is not a port from 1 to 65535"
        }
    }
}
