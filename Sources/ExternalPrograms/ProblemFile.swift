import Foundation
import Host
package import Reasoning

/// Reads a file of problems, plain or packed with gzip or zstd.
///
/// The first bytes tell how a file is packed. The programs `gzip` and `zstd` unpack it and are stopped at
/// `ProblemSet.sizeLimit`, so a small file that unpacks to more is refused.
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
        case .unknown("parquet"):
            // pandas writes one object a line, nested columns included.
            let target = (path as NSString).deletingPathExtension + ".jsonl"
            throw unreadable(
                "is a parquet file; JSON lines are read: python3 -c \"import pandas; pandas.read_parquet('\(path)')"
                    + ".to_json('\(target)', orient='records', lines=True)\" converts it")
        case .unknown(let name):
            throw unreadable("is a \(name) file; JSON lines are read, plain or packed with gzip or zstd")
        case .none:
            if let ending {
                throw unreadable(
                    "is not packed with \(ending), though its name says so; rename it or pack it again")
            }
            do {
                return try Files.read(path, limit: ProblemSet.sizeLimit)
            } catch {
                throw unreadable("cannot be read: \(error.cause)")
            }
        case .unpacked(let program):
            do {
                return try ProgramOutput.read(
                    [program, "-dc"], input: path, limit: ProblemSet.sizeLimit, seconds: patience)
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
        let status: stat
        let head: Data
        do throws(FileError) {
            // A pipe without a writer must not wait for one.
            let file = try OpenFile(path, O_RDONLY | O_NONBLOCK)
            status = try file.status()
            head = status.st_mode & S_IFMT == S_IFREG ? try file.head(8) : Data()
        } catch {
            throw .unreadable(file: path, line: nil, reason: "cannot be read: \(error.cause)")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(file: path, line: nil, reason: "is not a file; name a file of JSON lines")
        }
        guard status.st_size <= ProblemSet.sizeLimit else {
            throw .unreadable(
                file: path, line: nil, reason: "is larger than \(ProblemSet.sizeLimit) bytes; split it")
        }
        return head
    }
}

extension ProblemSet {
    /// Reads and checks a whole file, plain or packed with gzip or zstd.
    ///
    /// - Throws: `ProblemSourceError`: `unreadable`, or `unusableRows` with the lines.
    package init(
        path: String, verifiers: VerifierSet, options: LineOptions = LineOptions()
    ) throws(ProblemSourceError) {
        try self.init(
            contents: ProblemFile.bytes(of: path), file: path, verifiers: verifiers, options: options)
    }
}
