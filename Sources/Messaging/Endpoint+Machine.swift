import Host

extension Endpoint {
    /// The endpoint with an address of this machine in place of its name or of an interface, as a bind needs it.
    ///
    ///     try Endpoint("tcp://eth0:5555").onThisMachine()   // tcp://10.0.0.7:5555
    ///
    /// Asks name servers for a name, which may take some seconds.
    ///
    /// - Throws: `EndpointError` when the name is unknown or belongs to another machine.
    package func onThisMachine() throws(EndpointError) -> Endpoint {
        guard case .tcp(let host, let port) = self, !Self.isAddress(host) else { return self }
        let own = NetworkAddress.own
        let interface = own.filter { $0.interface == host && !$0.address.isLinkLocal }.map(\.address)
        if let address = interface.first(where: { !$0.isIPv6 }) ?? interface.first {
            return .tcp(address, port: port)
        }
        let named: [NetworkAddress]
        do throws(UnknownHost) {
            named = try NetworkAddress.named(host)
        } catch {
            throw .cannotBind(
                text,
                reason: "\(host) is neither a name nor an interface that this machine knows (\(error.reason))"
            )
        }
        let mine = named.filter { name in name.isLoopback || own.contains { $0.address == name } }
        guard let address = mine.first(where: { !$0.isLoopback }) ?? mine.first else {
            throw .cannotBind(
                text, reason: "\(host) is \(named[0]), which is no address of this machine")
        }
        return .tcp(address, port: port)
    }

    /// The endpoints that other machines dial to reach this bound one, the likeliest first.
    package var advertised: [Endpoint] {
        guard case .tcp(let host, let port) = self, ["*", "0.0.0.0", "[::]"].contains(host) else {
            return [self]
        }
        let addresses = NetworkAddress.reachable.filter { host == "[::]" || !$0.isIPv6 }
        // Without a network only this machine itself can dial.
        return addresses.isEmpty
            ? [.tcp(host: "127.0.0.1", port: port)] : addresses.map { .tcp($0, port: port) }
    }

    /// The endpoint by which this machine itself dials this bound one.
    package var dialedHere: Endpoint {
        guard case .tcp(let host, let port) = self, ["*", "0.0.0.0", "[::]"].contains(host) else {
            return self
        }
        return .tcp(host: "127.0.0.1", port: port)
    }

    /// A remark about a name that only this machine reaches; nil when there is nothing to remark.
    ///
    /// - Parameter asked: the endpoint as the user wrote it.
    package func loopbackRemark(asked: Endpoint) -> String? {
        guard case .tcp(let host, _) = asked, !asked.isLocal, isLocal else { return nil }
        let others = NetworkAddress.reachable.map(\.text).joined(separator: ", ")
        return
            "\(host) is a loopback address here, so only this machine reaches it; for other machines bind to "
            + (others.isEmpty ? "*" : "* or one of \(others)")
    }

    private static func tcp(_ address: NetworkAddress, port: UInt16?) -> Endpoint {
        .tcp(host: address.isIPv6 ? "[\(address.text)]" : address.text, port: port)
    }

    /// Whether libzmq binds it as it is.
    private static func isAddress(_ host: String) -> Bool {
        if host == "*" || host.hasPrefix("[") { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.allSatisfy { UInt8($0) != nil }
    }
}
