import Wire
import ZeroMQ

extension WireError {
    /// A decoder's error.
    ///
    /// Decoders throw `WireError` only; any other error keeps its text.
    init(wrapping error: any Error) {
        self =
            error as? WireError
            ?? WireError(.syntax, field: "message", found: "\(error)", wanted: "a message")
    }

    /// A message that was dropped on receipt because it is too large.
    ///
    /// - Parameter parts: the number of its frames, without the routing id.
    static func beyondLimits(parts: Int, bytes: Int, limits: ReceptionLimits) -> WireError {
        let isTooMany = parts > WireProtocol.largestFrameCount
        return WireError(
            isTooMany ? .frameCount : .frameSize, field: "message",
            found: isTooMany ? "\(parts) frames" : "\(bytes) bytes",
            wanted: isTooMany ? "at most \(WireProtocol.largestFrameCount)" : "at most \(limits.bytes)")
    }
}

extension SocketPlan {
    /// The largest message that a socket takes in, with the routing id that a ROUTER puts before it.
    var limits: ReceptionLimits {
        ReceptionLimits(
            parts: WireProtocol.largestFrameCount + 1,
            bytes: largestPart * WireProtocol.largestFrameCount + 255)
    }
}
