package import Foundation
import Primitives

/// Waits until one of the descriptors is ready, or until the deadline.
///
/// - Returns: false when the deadline passed first.
/// - Throws: `SystemError` when the system call fails.
package func poll(
    _ entries: inout [pollfd], until deadline: ContinuousClock.Instant
) throws(SystemError) -> Bool {
    while true {
        let left = deadline - ContinuousClock.now
        let milliseconds = Int32(clamping: left.milliseconds)
        let ready = Foundation.poll(&entries, nfds_t(entries.count), milliseconds)
        if ready > 0 { return true }
        guard ready == 0 || errno == EINTR else { throw SystemError("poll", errno) }
        if ready == 0, left <= .zero { return false }
    }
}
