import Foundation
import Host

/// Ends the `poll` of one thread from another thread.
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

    /// Wakes the thread; a full pipe wakes it as well as one with another byte.
    func wake() {
        var byte: UInt8 = 0
        _ = write(writing, &byte, 1)
    }

    func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) > 0 {}
    }
}
