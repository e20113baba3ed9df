import Glibc
import ZeroMQ

/// A TCP connection without any protocol, to send a ZeroMQ port bytes that no ZeroMQ peer would send.
package final class RawConnection {
    package struct Failure: Error {
        package let errno: Int32
    }

    private let descriptor: Int32

    /// Connects to `tcp://127.0.0.1:PORT`.
    package init(to endpoint: String) throws {
        guard let port = endpoint.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw Failure(errno: EINVAL)
        }
        descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(errno: errno) }
    }

    deinit { close(descriptor) }

    /// False once the other side has hung up, as it may at any moment: that is the point of these tests.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Shakes hands as a DEALER without keys (ZMTP 3.0), without reading the other side's answers.
    package func greetAsDealer() {
        let greeting: [UInt8] =
            [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 0] + Array("NULL".utf8)
            + [UInt8](repeating: 0, count: 48)
        let property = [11] + Array("Socket-Type".utf8) + [0, 0, 0, 6] + Array("DEALER".utf8)
        let ready = [5] + Array("READY".utf8) + property
        write(greeting + [4, UInt8(ready.count)] + ready)
    }

    /// A part of a message that is not its last one, as it goes over the wire.
    package static func unfinished(_ part: [UInt8]) -> [UInt8] {
        [3] + withUnsafeBytes(of: UInt64(part.count).bigEndian) { Array($0) } + part
    }

    /// Reads until the other side closes; false when it has not within the time.
    package func isClosed(within limit: Duration) -> Bool {
        let end = ContinuousClock.now + limit
        var buffer = [UInt8](repeating: 0, count: 4096)
        while ContinuousClock.now < end {
            var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&item, 1, 100) > 0 else { continue }
            if recv(descriptor, &buffer, buffer.count, 0) <= 0 { return true }
        }
        return false
    }
}
