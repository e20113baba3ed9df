import Foundation
import Host

/// Ends the `poll` of one thread from another.
final class WakePipe: Sendable {
    let descriptor: Int32
    private let writing: Int32

    /// Nil when the process has no descriptors left.
    init?() {
        guard let pipe = try? PipeEnds() else { return nil }
        (descriptor, writing) = (pipe.reading, pipe.writing)
        for end in [descriptor, writing] { PipeEnds.unblock(end) }
    }

    deinit {
        close(descriptor)
        close(writing)
    }

    /// A pipe that is full wakes as well as one with a byte more.
    func wake() {
        var byte: UInt8 = 0
        _ = write(writing, &byte, 1)
    }

    func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) > 0 {}
    }
}
