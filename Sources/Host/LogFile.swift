import Foundation

/// A log that another process appends to.
package enum LogFile {
    /// Moves the content of a file that is larger than `limit` bytes to `FILE.old`, and replaces what was there.
    ///
    /// The writer keeps the file open for appending, so the file is copied and emptied, not renamed. A line that comes in between may
    /// be lost, and a disk that refuses leaves the file as it is.
    package static func limit(_ path: String, to limit: Int) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size > limit else { return }
        do {
            let old = path + ".old"
            try? FileManager.default.removeItem(atPath: old)
            try FileManager.default.copyItem(atPath: path, toPath: old)
            truncate(path, 0)
        } catch {
            // The log grows until the disk has room again; the work does not depend on it.
        }
    }
}
