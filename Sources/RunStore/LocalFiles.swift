package import Foundation

/// File operations of this machine.
package struct LocalFiles: FileOperations {
    package init() {}

    package func makeDirectory(_ path: String) throws {
        guard mkdir(path, 0o755) == 0 else {
            throw FileError(operation: "make the directory", path: path, code: errno)
        }
    }

    package func write(_ bytes: Data, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw FileError(operation: "create", path: path, code: errno) }
        do {
            try LocalFiles.append(bytes, to: file, path: path)
        } catch {
            close(file)
            throw error
        }
        // Network file systems report a full disk only here.
        guard close(file) == 0 else { throw FileError(operation: "write", path: path, code: errno) }
    }

    package func synchronize(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw FileError(operation: "synchronize", path: path, code: errno) }
    }

    package func rename(_ path: String, to target: String) throws {
        guard Foundation.rename(path, target) == 0 else {
            throw FileError(operation: "rename \(path) to", path: target, code: errno)
        }
    }

    package func link(_ path: String, to destination: String) throws {
        guard symlink(destination, path) == 0 else {
            throw FileError(operation: "link", path: path, code: errno)
        }
    }

    package func remove(_ path: String) throws {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch let error as CocoaError {
            let cause = error.underlying as? POSIXError
            if error.code == .fileNoSuchFile || cause?.code == .ENOENT { return }
            throw FileError(operation: "remove", path: path, code: cause?.code.rawValue ?? EIO)
        }
    }

    /// Writes all of `bytes` at the end of an open file.
    static func append(_ bytes: Data, to file: Int32, path: String) throws {
        try bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Foundation.write(
                    file, buffer.baseAddress?.advanced(by: done), buffer.count - done)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else {
                    throw FileError(operation: "write", path: path, code: count < 0 ? errno : ENOSPC)
                }
                done += count
            }
        }
    }

    /// Reads a whole small file.
    ///
    /// - Throws: `FileError`; EFBIG for a file larger than `limit` bytes.
    static func read(_ path: String, limit: Int = 64 << 20) throws -> Data {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
        defer { close(file) }
        var data = Data()
        try chunks(of: file, path: path) { chunk in
            data.append(contentsOf: chunk)
            if data.count > limit { throw FileError(operation: "read", path: path, code: EFBIG) }
        }
        return data
    }

    /// Hands over the rest of an open file piece by piece, so that no large file is held in memory.
    static func chunks(of file: Int32, path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = Foundation.read(file, buffer.baseAddress, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError(operation: "read", path: path, code: errno) }
            guard count > 0 else { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
