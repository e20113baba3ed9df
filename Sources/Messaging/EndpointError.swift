/// Why an endpoint cannot be used; always the user's to change (exit code 2).
package enum EndpointError: Error, Sendable, Hashable {
    case malformed(String, reason: String)
    /// Binding it would let other machines in, and neither keys nor `--insecure` were given.
    case openToOthers(String)
    /// A control port of 65535 has no next port for the weights.
    case noNextPort(String)
    /// The weights are on a TCP port, but the coordinator was dialed over a path.
    case noHost(control: String, weightsPort: Int)
    case badWeightsPort(Int)
}

extension EndpointError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let text, let reason):
            "endpoint \"\(text)\": \(reason) (write tcp://HOST:PORT or ipc:///PATH)"
        case .openToOthers(let text):
            "\(text) can be reached from other machines, and without keys anyone there could take part: "
                + "say --keys DIR (`ponder keys --help`), bind to a loopback address such as tcp://127.0.0.1:5555, "
                + "or accept anyone with --insecure"
        case .noNextPort(let text):
            "\(text) has no next port for the weights: choose a lower port, or say --weights-bind"
        case .noHost(let control, let port):
            "the coordinator serves weights on TCP port \(port), but \(control) names no host: connect over tcp://"
        case .badWeightsPort(let port):
            "the coordinator serves weights on port \(port), which is no port from 1 to 65535"
        }
    }
}
