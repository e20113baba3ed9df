import Foundation

/// Notices the end of the parent process: its end of a pipe closes, no matter how it died.
package enum ParentWatch {
    /// Reads a descriptor on a thread of its own until it ends, then calls `gone`.
    ///
    /// - Parameter orElse: called `grace` seconds later, for a process that will not end by itself.
    package static func start(
        descriptor: Int32 = STDIN_FILENO, grace: Double = 0.7, gone: @escaping @Sendable () -> Void,
        orElse: @escaping @Sendable () -> Void
    ) {
        let thread = Thread {
            var byte: UInt8 = 0
            while true {
                let count = read(descriptor, &byte, 1)
                if count > 0 || (count < 0 && errno == EINTR) { continue }
                break
            }
            gone()
            Thread.sleep(forTimeInterval: grace)
            orElse()
        }
        thread.name = "ponder-parent"
        thread.start()
    }
}
