import Foundation
import Host
import ModelFiles
import Tokenization
import Torch
import Transformers

/// A model folder that is rewritten while its model learns; a reader always finds whole files.
struct ModelFolder {
    private let folder: URL
    private let vocabulary: CharacterVocabulary
    private let maximumLength: Int

    /// Makes the folder.
    ///
    /// - Throws: `CommandFailure` when it contains other files, or cannot be made.
    init(_ path: String, _ vocabulary: CharacterVocabulary, maximumLength: Int) throws {
        folder = try NewFolder(path, option: "--output").url
        self.vocabulary = vocabulary
        self.maximumLength = maximumLength
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.usage, "\(FileError(error, operation: "make the directory", path: path))")
        }
    }

    /// Writes the model in bf16 beside the old files, then puts each in its place at once.
    func save(_ model: Policy) throws {
        let fresh = folder.appendingPathComponent(".writing")
        let files = FileManager.default
        if files.fileExists(atPath: fresh.path) { try files.removeItem(at: fresh) }
        try files.createDirectory(at: fresh, withIntermediateDirectories: false)
        try ModelDirectory.write(
            model,
            CompanionFiles(
                tokenizerJSON: vocabulary.tokenizerJSON,
                tokenizerConfigurationJSON: vocabulary.tokenizerConfigurationJSON(
                    maximumLength: maximumLength)),
            dtype: .bfloat16, to: fresh)
        for name in try files.contentsOfDirectory(atPath: fresh.path) {
            let target = folder.appendingPathComponent(name).path
            guard rename(fresh.appendingPathComponent(name).path, target) == 0 else {
                throw CommandFailure(
                    .failed, "\(target) cannot be written: \(String(cString: strerror(errno)))")
            }
        }
        try files.removeItem(at: fresh)
    }
}
