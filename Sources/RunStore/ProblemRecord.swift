import Foundation
package import Host

/// What a run knows of its problems (`problems.json`): a resumed run must have the same ones.
package struct ProblemRecord: Sendable, Hashable, Codable {
    /// SHA-256 of the unpacked file of `problems.path`; nil for another source.
    package let problems: String?
    /// SHA-256 of the unpacked file of `problems.heldOutPath`; nil without one.
    package let heldOut: String?
    /// Whether all questions that the hash chooses are kept from training, as in runs of earlier versions, and
    /// not only the held-out ones.
    package let keepsFifth: Bool

    package init(problems: String? = nil, heldOut: String? = nil, keepsFifth: Bool = false) {
        self.problems = problems
        self.heldOut = heldOut
        self.keepsFifth = keepsFifth
    }

    /// The record of a run whose folder has none, because an earlier version began it.
    package static let unknown = ProblemRecord(keepsFifth: true)
}

extension RunDirectory {
    /// What the run knows of its problems; `unknown` for a run of an earlier version.
    ///
    /// - Throws: `FileError`, or `RunDirectoryError` for a damaged file.
    package func problemRecord() throws -> ProblemRecord {
        guard FileManager.default.fileExists(atPath: problemRecordFile.path) else { return .unknown }
        let data = try Files.read(problemRecordFile.path, limit: 1 << 20)
        do {
            return try RecordCoding.decode(ProblemRecord.self, from: data)
        } catch {
            throw RunDirectoryError(
                message:
                    "\(problemRecordFile.path) is damaged; put a good copy there, or start a new run")
        }
    }

    /// - Throws: `FileError`.
    package func save(_ record: ProblemRecord, files: any FileOperations = Files()) throws {
        try files.replace(problemRecordFile.path, with: try RecordCoding.encode(record, pretty: true))
    }
}
