import Glibc

/// A TCP socket of POSIX that never blocks, closed with the value.
package final class PlainSocket {
    package struct Failure: Error, CustomStringConvertible {
        package let operation: String
        package let errno: Int32
        package var description: String { "\(operation): \(String(cString: strerror(errno)))" }
    }

    let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        var yes: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { Glibc.close(descriptor) }

    static func listening(on host: String, port: UInt16) throws -> PlainSocket {
        let socket = try make()
        var yes: Int32 = 1
        setsockopt(
            socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard Self.withAddress(host, port, { bind(socket.descriptor, $0, $1) }) == 0 else {
            throw Failure(operation: "bind \(host):\(port)", errno: errno)
        }
        guard listen(socket.descriptor, 256) == 0 else { throw Failure(operation: "listen", errno: errno) }
        return socket
    }

    /// Begins to connect to 127.0.0.1; a failure shows when the socket is used.
    static func connecting(to port: UInt16) throws -> PlainSocket {
        let socket = try make()
        let status = Self.withAddress("127.0.0.1", port) { connect(socket.descriptor, $0, $1) }
        guard status == 0 || errno == EINPROGRESS else { throw Failure(operation: "connect", errno: errno) }
        return socket
    }

    private static func make() throws -> PlainSocket {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(operation: "socket", errno: errno) }
        return PlainSocket(descriptor)
    }

    private static func withAddress<Result>(
        _ host: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// The port it is bound to.
    var port: UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Accepts a waiting connection; nil when none waits.
    func accepted() -> PlainSocket? {
        let descriptor = accept(descriptor, nil, nil)
        return descriptor < 0 ? nil : PlainSocket(descriptor)
    }

    /// Reads at most `limit` bytes: empty when nothing has arrived, nil at the end or after an error.
    func read(atMost limit: Int) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, limit, 0)
        if count > 0 { return Array(buffer.prefix(count)) }
        return count < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN) ? [] : nil
    }

    /// Bytes that were written; nil when the connection is broken.
    func write(_ bytes: ArraySlice<UInt8>) -> Int? {
        let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count >= 0 { return count }
        return errno == EAGAIN || errno == EINTR || errno == ENOTCONN ? 0 : nil
    }

    /// Ends writing; the other side can still send.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Makes closing send a reset instead of an orderly end.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}
