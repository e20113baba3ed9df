package import WeightTransfer

extension Endpoint {
    /// The endpoint in the form that can be bound: libzmq needs an address in place of `localhost`.
    ///
    /// - Throws: `EndpointError.openToOthers` when other machines can reach the endpoint and `security` is `.local`.
    package func checkedForBinding(_ security: PortSecurity = .local) throws -> Endpoint {
        if case .local = security, !isLocal { throw EndpointError.openToOthers(text) }
        if case .tcp("localhost", let port) = self { return .tcp(host: "127.0.0.1", port: port) }
        return self
    }

    /// The weights endpoint for a worker that has dialed `self`.
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

    /// The endpoint to show to people on other machines: `host` in place of a wildcard.
    package func advertised(host name: String) -> Endpoint {
        if case .tcp("*", let port) = self { return .tcp(host: name, port: port) }
        if case .tcp("0.0.0.0", let port) = self { return .tcp(host: name, port: port) }
        return self
    }

    /// The form of this bound endpoint in a WELCOME: only the port, because workers know a host name that works.
    package var weightsAddress: WeightsAddress {
        if case .tcp(_, let port?) = self { .port(Int(port)) } else { .endpoint(text) }
    }
}
