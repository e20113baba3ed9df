import Foundation

extension FileError {
    /// What Foundation throws about a file, as the system's own error.
    ///
    /// - Parameters:
    ///   - operation: what was tried, as a verb.
    ///   - path: the file, when the error does not name it.
    package init(_ error: any Error, operation: String, path: String) {
        self =
            error as? FileError
            ?? FileError(operation: operation, path: path, code: Self.code(of: error) ?? EINVAL)
    }

    /// What Foundation throws about a file that it names; nil for any other error.
    package init?(foundation error: any Error) {
        guard let error = error as? CocoaError, let path = error.filePath ?? error.url?.path,
            let code = Self.code(of: error)
        else { return nil }
        self.init(operation: "use", path: path, code: code)
    }

    private static func code(of error: any Error) -> Int32? {
        if let error = error as? POSIXError { return error.code.rawValue }
        guard let error = error as? CocoaError else { return nil }
        if let cause = error.underlying as? POSIXError { return cause.code.rawValue }
        return switch error.code {
        case .fileNoSuchFile, .fileReadNoSuchFile: ENOENT
        case .fileReadNoPermission, .fileWriteNoPermission: EACCES
        case .fileWriteFileExists: EEXIST
        case .fileWriteOutOfSpace: ENOSPC
        case .fileWriteVolumeReadOnly: EROFS
        case .fileReadTooLarge: EFBIG
        case .fileReadInapplicableStringEncoding, .fileReadCorruptFile: EILSEQ
        default: nil
        }
    }
}

extension Files {
    /// Reads a whole file as text.
    ///
    /// - Throws: `FileError`; `EFBIG` for more than 16 MiB, `EILSEQ` for a file that is not UTF-8.
    package static func text(_ path: String) throws(FileError) -> String {
        guard let text = String(validating: try read(path, limit: 16 << 20), as: UTF8.self) else {
            throw FileError(operation: "read", path: path, code: EILSEQ)
        }
        return text
    }
}
