import Foundation
package import Reasoning

/// Reads a file of problems, plain or packed with gzip or zstd.
///
/// The first bytes tell how a file is packed. The programs `gzip` and `zstd` unpack it and are stopped at
/// `JSONLinesSource.sizeLimit`, so a small file that unpacks to more is refused.
enum ProblemFile {
    /// Longest unpacking, seconds.
    private static let patience = 120.0

    private enum Packing {
        case none
        case unpacked(by: String)
        case unknown(String)

        init(_ head: Data) {
            let known: [([UInt8], Packing)] = [
                ([0x1F, 0x8B], .unpacked(by: "gzip")), ([0x28, 0xB5, 0x2F, 0xFD], .unpacked(by: "zstd")),
                (Array("BZh".utf8), .unknown("bzip2")), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], .unknown("xz")),
                (Array("PK\u{3}\u{4}".utf8), .unknown("zip")), (Array("PAR1".utf8), .unknown("parquet")),
                ([0x04, 0x22, 0x4D, 0x18], .unknown("lz4")),
            ]
            self = known.first { head.starts(with: $0.0) }?.1 ?? .none
        }
    }

    /// The whole file, unpacked.
    static func bytes(of path: String) throws(ProblemSourceError) -> Data {
        func unreadable(_ reason: String) -> ProblemSourceError {
            .unreadable(file: path, line: nil, reason: reason)
        }
        let head = try self.head(of: path)
        let ending = ["gz": "gzip", "zst": "zstd"][URL(filePath: path).pathExtension.lowercased()]
        switch Packing(head) {
        case .unknown(let name):
            throw unreadable("is a \(name) file; JSON lines are read, plain or packed with gzip or zstd")
        case .none:
            if let ending {
                throw unreadable(
                    "is not packed with \(ending), though its name says so; rename it or pack it again")
            }
            do {
                return try Data(contentsOf: URL(filePath: path))
            } catch {
                throw unreadable("cannot be read (\(error.localizedDescription)); check the path")
            }
        case .unpacked(let program):
            do {
                return try ProgramOutput.read(
                    [program, "-dc"], input: path, limit: JSONLinesSource.sizeLimit, seconds: patience)
            } catch {
                throw unreadable(reason(error, program))
            }
        }
    }

    private static func reason(_ failure: ProgramOutput.Failure, _ program: String) -> String {
        switch failure {
        case .notFound:
            "needs the program \(program), which is not here: apt-get install \(program), or unpack it"
        case .notStarted(let reason): "cannot be unpacked, for \(program) does not start (\(reason))"
        case .tooLarge(let limit): "unpacks to more than \(limit) bytes; split it"
        case .timedOut(let seconds): "does not unpack within \(Int(seconds)) seconds; unpack it yourself"
        case .failed(let ending, let said):
            "is damaged, \(program) says: \(said.isEmpty ? ending : said); get it again"
        }
    }

    /// The first bytes of a file, after a check that it is a regular file and not too large.
    private static func head(of path: String) throws(ProblemSourceError) -> Data {
        func unreadable(_ reason: String) -> ProblemSourceError {
            .unreadable(file: path, line: nil, reason: reason)
        }
        do {
            let url = URL(filePath: path).resolvingSymlinksInPath()
            let values = try url.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
            guard values.isRegularFile == true else {
                throw unreadable("is not a file; name a file of JSON lines")
            }
            guard let size = values.fileSize, size <= JSONLinesSource.sizeLimit else {
                throw unreadable("is larger than \(JSONLinesSource.sizeLimit) bytes; split it")
            }
            let file = try FileHandle(forReadingFrom: url)
            defer { try? file.close() }
            return try file.read(upToCount: 8) ?? Data()
        } catch let error as ProblemSourceError {
            throw error
        } catch {
            throw unreadable("cannot be read (\(error.localizedDescription)); check the path")
        }
    }
}

extension JSONLinesSource {
    /// Reads and checks a whole file, plain or packed with gzip or zstd.
    ///
    /// - Throws: `ProblemSourceError`: `unreadable`, `unusableRows` with the lines, or `nothingToTrainOn`.
    package init(
        path: String, verifier: any Verifier, others: [any Verifier] = [], seed: UInt64,
        split: HeldOut = .fifth, options: LineOptions = LineOptions()
    ) throws {
        try self.init(
            contents: ProblemFile.bytes(of: path), file: path, verifier: verifier, others: others, seed: seed,
            split: split,
            options: options)
    }
}
