import Messaging
import ZeroMQ

/// A bare DEALER for one test: says on a port what no transport of ours would.
///
/// Each call connects, sends, and returns; libzmq goes on sending until `finish`.
final class RawPeer {
    private let socket: Socket

    init(to endpoint: Endpoint, name: String? = nil) throws {
        socket = try Socket(.dealer, in: Context())
        try socket.set(.linger, .seconds(5))
        try socket.connect(endpoint.text)
    }

    func send(_ frames: [[UInt8]]) throws { try socket.send(frames.map { .bytes($0) }) }
}
