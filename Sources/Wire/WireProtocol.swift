/// What both sides must share: the protocol version and the limits on sizes.
package enum WireProtocol {
    /// Increases with every change of a message that an older side would misread.
    package static let version = 6

    /// Largest frame of either port, bytes; the socket's own limit may be this.
    package static let largestFrame = 32 << 20
    /// Largest number of frames of a message.
    package static let largestFrameCount = 6

    /// Largest header, bytes, except for the kinds below.
    static let header = 64 << 10
    /// Largest header of an assignment, bytes; it holds the problems.
    static let assignmentHeader = 4 << 20
    /// Largest header of a manifest, bytes; it holds the tensors.
    static let manifestHeader = 8 << 20
    static let name = 256
    static let reason = 4096
    static let text = 64 << 10
    /// Largest `config.json` or run configuration, bytes.
    static let document = 1 << 20
    static let problems = 4096
    static let samples = 4096
    static let traces = 1 << 16
    /// Largest number of verdicts of a result: those of 17 judges on each trace.
    static let verdicts = 17 << 16
    static let attempts = 64
    static let tensors = 1 << 16
    static let shape = 8
    /// Largest number of steps in a chain of deltas, and of chunks in a step.
    static let deltas = 16
    static let deltaChunks = 1 << 14
    static let steps = 1 << 40
}
