import Reinforcement
import Scheduling
package import WeightTransfer

extension Endpoint {
    /// The endpoint as it may be bound: `localhost` as an address, which libzmq wants here.
    ///
    /// - Throws: `EndpointError.openToOthers` for anything that other machines can reach, when `security` says neither
    ///   keys nor that anyone may come.
    package func checkedForBinding(_ security: PortSecurity = .local) throws -> Endpoint {
        if case .local = security, !isLocal { throw EndpointError.openToOthers(text) }
        if case .tcp("localhost", let port) = self { return .tcp(host: "127.0.0.1", port: port) }
        return self
    }

    /// Where a worker that dialed `self` finds the weights.
    ///
    /// - Throws: `EndpointError`.
    package func weights(at address: WeightsAddress) throws -> Endpoint {
        switch address {
        case .endpoint(let text):
            return try Endpoint(text)
        case .port(let number):
            guard let port = UInt16(exactly: number), port > 0 else {
                throw EndpointError.badWeightsPort(number)
            }
            guard case .tcp(let host, _) = self else {
                throw EndpointError.noHost(control: text, weightsPort: number)
            }
            return .tcp(host: host, port: port)
        }
    }

    /// How people on other machines name this bound endpoint: a wildcard is this machine's name.
    package func advertised(host name: String) -> Endpoint {
        if case .tcp("*", let port) = self { return .tcp(host: name, port: port) }
        if case .tcp("0.0.0.0", let port) = self { return .tcp(host: name, port: port) }
        return self
    }

    /// How a WELCOME names this bound endpoint to workers: the port alone, since they know a host that works.
    package var weightsAddress: WeightsAddress {
        if case .tcp(_, let port?) = self { .port(Int(port)) } else { .endpoint(text) }
    }
}
