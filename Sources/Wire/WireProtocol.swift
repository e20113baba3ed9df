/// What both sides must share to understand each other, and how large anything may be.
package enum WireProtocol {
    /// Rises with every change of a message that an older side would misread.
    package static let version = 5

    /// The largest frame of either port, in bytes: the socket's own limit may be this.
    package static let largestFrame = 32 << 20
    /// The largest number of frames of a message.
    package static let largestFrameCount = 6

    /// Bytes of a header, but for the kinds below.
    static let header = 64 << 10
    /// Bytes of an assignment's header, which holds its problems.
    static let assignmentHeader = 4 << 20
    /// Bytes of a manifest's header, which holds its tensors.
    static let manifestHeader = 8 << 20
    static let name = 256
    static let reason = 4096
    static let text = 64 << 10
    /// Bytes of `config.json` or of the run configuration.
    static let document = 1 << 20
    static let problems = 4096
    static let samples = 4096
    static let traces = 1 << 16
    static let attempts = 64
    static let tensors = 1 << 16
    static let shape = 8
    /// Steps of a chain of deltas, and chunks of a step.
    static let deltas = 16
    static let deltaChunks = 1 << 14
    static let steps = 1 << 40
}
