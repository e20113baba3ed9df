import Foundation
import Host
import Primitives

/// Size and SHA-256 of every file of a checkpoint; written after all the files.
struct CheckpointManifest: Codable, Hashable {
    struct File: Codable, Hashable {
        /// Path relative to the checkpoint's directory.
        let path: String
        let bytes: Int
        /// Digest as 64 hexadecimal digits.
        let sha256: String
    }

    /// A difference between a checkpoint and its manifest, in words.
    struct Mismatch: Error, CustomStringConvertible {
        let description: String
    }

    /// Version of the manifest's format.
    let schema: Int
    let step: Int
    /// The files in the order of their paths.
    let files: [File]

    static let currentSchema = 1

    /// Lists and hashes every file in `directory` and its subdirectories.
    ///
    /// Files are read back in pieces of 1 MiB, so the hashes describe what the disk holds, and memory does
    /// not grow with the model.
    ///
    /// - Throws: `FileError`, or `Mismatch` for anything but a file or a directory.
    init(of directory: String, step: Int) throws {
        schema = Self.currentSchema
        self.step = step
        files = try Self.paths(below: directory).files.map { path in
            let (bytes, sha256) = try Self.digest("\(directory)/\(path)")
            return File(path: path, bytes: bytes, sha256: sha256)
        }
    }

    /// Reads the manifest in `directory` and checks every file against it.
    ///
    /// - Throws: `FileError` or `Mismatch` naming the file and what differs.
    init(verifying directory: String, step: Int) throws {
        let data = try Files.read("\(directory)/\(Checkpoint.manifestFile)")
        do {
            self = try RecordCoding.decode(CheckpointManifest.self, from: data)
        } catch {
            throw Mismatch(description: "\(Checkpoint.manifestFile) is damaged (\(data.count) bytes)")
        }
        guard schema == Self.currentSchema else {
            throw Mismatch(description: "has format \(schema), this Ponder reads \(Self.currentSchema)")
        }
        guard self.step == step else {
            throw Mismatch(description: "\(Checkpoint.manifestFile) says step \(self.step)")
        }
        guard files.contains(where: { $0.path == Checkpoint.stateFile }) else {
            throw Mismatch(description: "\(Checkpoint.manifestFile) does not list \(Checkpoint.stateFile)")
        }
        for file in files { try file.verify(in: directory) }
    }

    /// Paths of all files and directories below `directory`, relative to it and sorted, without the manifest.
    static func paths(below directory: String) throws -> (files: [String], directories: [String]) {
        var files: [String] = [], directories: [String] = []
        for path in try FileManager.default.subpathsOfDirectory(atPath: directory).sorted() {
            var status = stat()
            guard lstat("\(directory)/\(path)", &status) == 0 else {
                throw FileError(operation: "look at", path: "\(directory)/\(path)", code: errno)
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG: if path != Checkpoint.manifestFile { files.append(path) }
            case S_IFDIR: directories.append(path)
            default: throw Mismatch(description: "\(path) is neither a file nor a directory")
            }
        }
        return (files, directories)
    }

    /// Size in bytes and SHA-256 of one file.
    static func digest(_ path: String) throws -> (bytes: Int, sha256: String) {
        let file = try OpenFile(path, O_RDONLY | O_NOFOLLOW)
        var hash = ContentHash()
        var bytes = 0
        try file.chunks { chunk in
            hash.update(chunk)
            bytes += chunk.count
        }
        return (bytes, hash.text)
    }
}

extension CheckpointManifest.File {
    func verify(in directory: String) throws {
        typealias Mismatch = CheckpointManifest.Mismatch
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
            throw Mismatch(description: "\(Checkpoint.manifestFile) names \(path), outside the checkpoint")
        }
        var status = stat()
        guard lstat("\(directory)/\(path)", &status) == 0 else {
            throw Mismatch(description: "\(path): \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Mismatch(description: "\(path) is not a plain file")
        }
        // The size is checked first: it costs nothing, and most damaged files are truncated.
        guard Int(status.st_size) == bytes else {
            throw Mismatch(description: "\(path) has \(status.st_size) bytes instead of \(bytes)")
        }
        let found = try CheckpointManifest.digest("\(directory)/\(path)").sha256
        guard found == sha256 else {
            throw Mismatch(
                description: "\(path) has SHA-256 \(found.prefix(12))… instead of \(sha256.prefix(12))…")
        }
    }
}
