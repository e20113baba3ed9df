package import WeightTransfer

extension Endpoint {
    /// The endpoint where it may be bound.
    ///
    /// - Throws: `EndpointError.openToOthers` when other machines can reach the endpoint and `security` is `.local`.
    package func checkedForBinding(_ security: PortSecurity = .local) throws -> Endpoint {
        if case .local = security, !isLocal { throw EndpointError.openToOthers(text) }
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

    /// The form of this bound endpoint in a WELCOME: only the port, because workers know a host name that works.
    package var weightsAddress: WeightsAddress {
        if case .tcp(_, let port?) = self { .port(Int(port)) } else { .endpoint(text) }
    }
}
