package import Foundation

/// An IP address in its numeric form.
///
///     try NetworkAddress.named("localhost")   // [127.0.0.1]
package struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
    /// `10.0.0.7` or `fd00::7`; a link-local address has its interface behind it: `fe80::1%eth0`.
    package let text: String
    package let isIPv6: Bool

    package var description: String { text }

    /// Whether only this machine reaches it.
    package var isLoopback: Bool { isIPv6 ? text == "::1" : text.hasPrefix("127.") }

    /// Whether only machines on the same cable reach it, by an address that needs the interface's name.
    package var isLinkLocal: Bool { isIPv6 ? text.hasPrefix("fe80:") : text.hasPrefix("169.254.") }

    /// - Returns: nil for an address that is neither IPv4 nor IPv6.
    package init?(_ address: UnsafePointer<sockaddr>) {
        let family = Int32(address.pointee.sa_family)
        guard family == AF_INET || family == AF_INET6 else { return nil }
        let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(address, socklen_t(size), &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0
        else { return nil }
        text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        isIPv6 = family == AF_INET6
    }
}

/// A name for which the system finds no address.
package struct UnknownHost: Error, Sendable, Hashable {
    package let name: String
    /// Whether the name does not exist; false when no name server could be asked.
    package let isCertain: Bool
    /// The system's words: `Name or service not known`.
    package let reason: String
}

extension NetworkAddress {
    /// The addresses of a name, IPv4 first; asks the name servers, which may take many seconds.
    package static func named(_ name: String) throws(UnknownHost) -> [NetworkAddress] {
        var addresses: [NetworkAddress] = []
        try withAddresses(of: name, port: nil) { entry in
            if let address = NetworkAddress(entry.ai_addr), !addresses.contains(address) {
                addresses.append(address)
            }
        }
        return addresses.filter { !$0.isIPv6 } + addresses.filter(\.isIPv6)
    }

    /// Calls `body` with the system's entries for a name.
    package static func withAddresses(
        of name: String, port: UInt16?, _ body: (addrinfo) -> Void
    ) throws(UnknownHost) {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, port.map { String($0) }, &hints, &list)
        guard code == 0 else {
            throw UnknownHost(
                name: name, isCertain: code == EAI_NONAME || code == -5,
                reason: String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(list) }
        var next = list
        while let entry = next?.pointee {
            body(entry)
            next = entry.ai_next
        }
    }
}

extension NetworkAddress {
    /// The addresses of this machine's interfaces that are up.
    package static var own: [(interface: String, address: NetworkAddress)] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: [(interface: String, address: NetworkAddress)] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard entry.ifa_flags & UInt32(IFF_UP) != 0, let raw = entry.ifa_addr,
                let address = NetworkAddress(raw)
            else { continue }
            found.append((String(cString: entry.ifa_name), address))
        }
        return found
    }

    /// The addresses by which other machines may reach this one, the one towards the default route first.
    package static var reachable: [NetworkAddress] {
        let own = own.map(\.address).filter { !$0.isLoopback && !$0.isLinkLocal }
        let ordered = own.filter { !$0.isIPv6 } + own.filter(\.isIPv6)
        guard let outward, ordered.contains(outward) else { return ordered }
        return [outward] + ordered.filter { $0 != outward }
    }

    /// The address that packets to other networks leave from; nil without a default route; nothing is sent.
    private static var outward: NetworkAddress? {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // 192.0.2.1 is reserved for documentation: no machine has it.
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = UInt16(9).bigEndian
        target.sin_addr.s_addr = UInt32(0xC000_0201).bigEndian
        var own = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafePointer(to: &target) { target in
            target.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                guard connect(descriptor, target, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 else {
                    return nil
                }
                return withUnsafeMutablePointer(to: &own) { own in
                    own.withMemoryRebound(to: sockaddr.self, capacity: 1) { own in
                        getsockname(descriptor, own, &length) == 0 ? NetworkAddress(own) : nil
                    }
                }
            }
        }
    }
}
