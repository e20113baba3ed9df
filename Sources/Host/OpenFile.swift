package import Foundation

/// An open file or folder, which is closed when the value is destroyed.
package struct OpenFile: ~Copyable, Sendable {
    /// The file descriptor; −1 after `close`.
    package private(set) var descriptor: Int32
    /// The path that errors name.
    package let path: String

    /// - Parameters:
    ///   - flags: flags of `open`; `O_CLOEXEC` is added, so that no child inherits the descriptor.
    ///   - mode: permissions of a new file.
    package init(_ path: String, _ flags: Int32, mode: mode_t = 0o644) throws(FileError) {
        descriptor = open(path, flags | O_CLOEXEC, mode)
        self.path = path
        guard descriptor >= 0 else {
            throw FileError(operation: flags & O_CREAT == 0 ? "open" : "create", path: path, code: errno)
        }
    }

    deinit { if descriptor >= 0 { Foundation.close(descriptor) } }

    /// Closes the file and reports errors.
    ///
    /// Network file systems may report a full disk only here.
    package mutating func close() throws(FileError) {
        let file = descriptor
        descriptor = -1
        guard Foundation.close(file) == 0 else { throw failed("write") }
    }

    package func status() throws(FileError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failed("look at") }
        return status
    }

    /// Writes all bytes at the file's current position.
    package func write(_ bytes: some ContiguousBytes) throws(FileError) {
        let code = bytes.withUnsafeBytes { bytes -> Int32 in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = Foundation.write(descriptor, part.baseAddress, part.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return count < 0 ? errno : ENOSPC }
                rest = rest.dropFirst(count)
            }
            return 0
        }
        guard code == 0 else { throw FileError(operation: "write", path: path, code: code) }
    }

    /// Reads the rest of the file.
    ///
    /// - Throws: `FileError`, with code `EFBIG` when there are more than `limit` bytes.
    package func contents(limit: Int) throws(FileError) -> Data {
        var data = Data()
        try chunks { (chunk) throws(FileError) in
            data.append(contentsOf: chunk)
            if data.count > limit { throw FileError(operation: "read", path: path, code: EFBIG) }
        }
        return data
    }

    /// Reads `count` bytes at a position, fewer at the end of the file; the file's current position stays.
    package func bytes(at position: Int, count: Int) throws(FileError) -> Data {
        var data = Data(count: count)
        var done = 0
        while done < count {
            let part = data.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress.map { $0 + done }, count - done, off_t(position + done))
            }
            if part < 0 && errno == EINTR { continue }
            guard part >= 0 else { throw failed("read") }
            guard part > 0 else { break }
            done += part
        }
        return data.prefix(done)
    }

    /// Reads at most `count` bytes at the file's current position.
    package func head(_ count: Int) throws(FileError) -> Data {
        var bytes = [UInt8](repeating: 0, count: count)
        let found = read(descriptor, &bytes, count)
        guard found >= 0 else { throw failed("read") }
        return Data(bytes.prefix(found))
    }

    /// Reads the rest of the file in pieces, so that a large file needs little memory.
    package func chunks(
        _ body: (UnsafeRawBufferPointer) throws(FileError) -> Void
    ) throws(FileError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failed("read") }
            guard count > 0 else { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Returns when the content would survive a power failure.
    package func synchronize() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw failed("synchronize") }
    }

    package func truncate(to length: Int) throws(FileError) {
        guard ftruncate(descriptor, off_t(length)) == 0 else { throw failed("truncate") }
    }

    private func failed(_ operation: String) -> FileError {
        FileError(operation: operation, path: path, code: errno)
    }
}
