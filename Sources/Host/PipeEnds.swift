import Foundation

/// The two ends of a pipe; a child inherits them only when they are passed to it.
package struct PipeEnds: Sendable {
    package let reading: Int32
    package let writing: Int32

    /// - Throws: `SystemError` when the process has no free descriptors.
    package init() throws(SystemError) {
        var ends: [Int32] = [0, 0]
        let code = betweenStarts { () -> Int32 in
            guard pipe(&ends) == 0 else { return errno }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return 0
        }
        guard code == 0 else { throw SystemError("make a pipe", code) }
        (reading, writing) = (ends[0], ends[1])
    }

    /// Makes the descriptor non-blocking: reads and writes return at once.
    package static func unblock(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
}
