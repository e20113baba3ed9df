import Foundation
import Testing

@testable import BuiltInVerifiers
@testable import ExternalPrograms
@testable import Reasoning

/// Files as they are found: packed, cut short, misnamed.
struct ProblemFileTests {
    private static let rows = (0..<50).map { #"{"question":"\#($0)+1=?","expected":"\#($0 + 1)"}"# }
        .joined(separator: "\n")

    /// A folder with one file in it, gone with the value.
    private final class Folder {
        let url = FileManager.default.temporaryDirectory.appending(path: "ponder-\(UUID().uuidString)")
        let file: String

        init(_ name: String, _ bytes: Data) throws {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            file = url.appending(path: name).path
            try bytes.write(to: URL(filePath: file))
        }

        deinit { try? FileManager.default.removeItem(at: url) }
    }

    private func packed(_ program: String, _ bytes: Data) throws -> Data {
        let plain = try Folder("plain", bytes)
        return try withExtendedLifetime(plain) {
            try ProgramOutput.read([program, "-c"], input: plain.file, limit: 1 << 24, seconds: 60)
        }
    }

    private func source(_ path: String) throws -> ProblemSet {
        try ProblemSet(path: path, verifiers: VerifierSet(NumberVerifier()))
    }

    private func complaint(_ name: String, _ bytes: Data) throws -> String {
        let folder = try Folder(name, bytes)
        do {
            _ = try source(folder.file)
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        ("gzip", "p.jsonl.gz"), ("gzip", "p.jsonl"), ("zstd", "p.jsonl.zst"), ("zstd", "p.bin"),
    ])
    func `a packed file holds the same problems, whatever its name`(program: String, name: String) throws {
        let folder = try Folder(name, try packed(program, Data(Self.rows.utf8)))
        let plainFolder = try Folder("p.jsonl", Data(Self.rows.utf8))
        try withExtendedLifetime((folder, plainFolder)) {
            let plain = try source(plainFolder.file)
            #expect(plain.problems.count == 50)
            #expect(try source(folder.file).problems == plain.problems)
        }
    }

    @Test(arguments: ["gzip", "zstd"]) func `a packed file that was cut short is said to be damaged`(
        program: String
    ) throws {
        let whole = try packed(program, Data(Self.rows.utf8))
        #expect(try complaint("p", whole.prefix(whole.count / 2)).contains("is damaged, \(program) says: "))
    }

    @Test(arguments: ["p.jsonl.gz", "p.jsonl.zst", "p.GZ"])
    func `a name that promises what is not there is refused`(
        name: String
    ) throws {
        #expect(try complaint(name, Data(Self.rows.utf8)).contains("though its name says so; rename it"))
        #expect(try complaint(name, Data()).contains("though its name says so"))
    }

    @Test(arguments: [("BZh91AY&SY", "bzip2"), ("PK\u{3}\u{4}....", "zip"), ("PAR1....", "parquet")])
    func `what is packed in another way is called by its name`(head: String, name: String) throws {
        #expect(try complaint("p", Data(head.utf8)).contains("is a \(name) file; JSON lines are read"))
    }

    @Test func `a file that unpacks to more than is read is stopped at the limit`() throws {
        let bomb = try packed("gzip", Data(repeating: 0x20, count: 3 << 20))
        let folder = try Folder("p.gz", bomb)
        #expect(throws: ProgramOutput.Failure.tooLarge(limit: 1 << 20)) {
            try ProgramOutput.read(["gzip", "-dc"], input: folder.file, limit: 1 << 20, seconds: 60)
        }
    }

    @Test func `a folder, a missing file and an empty one are named`() throws {
        let folder = try Folder("p.jsonl", Data())
        #expect(try complaint("p.jsonl", Data()).contains("holds no problem"))
        for path in [folder.url.path, folder.url.appending(path: "missing").path, "/dev/null"] {
            #expect { try source(path) } throws: { "\($0)".hasPrefix(path) }
        }
    }
}

/// Programs that write problems, and those that do not.
struct ExternalProblemsTests {
    private func output(_ script: String, timeout: Double = 60) throws -> String {
        String(
            decoding: try ExternalProblems(command: ["sh", "-c", script], timeout: timeout).output(),
            as: UTF8.self)
    }

    @Test func `a program's lines are read, however it stutters`() throws {
        #expect(try output("echo a; echo x >&2; sleep 0.05; echo b") == "a\nb\n")
        #expect(try output("yes 12345678 | head -c 1000000").utf8.count == 1_000_000)
    }

    @Test(arguments: [
        ("echo no >&2; exit 3", "failed with exit code 3 and said: no"),
        ("kill -9 $$", "failed with signal 9"),
    ])
    func `a program that fails is told with what it said`(script: String, expected: String) {
        #expect { try output(script) } throws: { "\($0)".contains(expected) }
    }

    @Test func `a program that is not there is told`() {
        #expect { try ExternalProblems(command: ["/nowhere/program"], timeout: 5).output() } throws: {
            "\($0)".contains("is not here")
        }
    }

    @Test(
        .timeLimit(.minutes(1)), arguments: ["sleep 600", "sleep 600 & echo x", "exec >&-; sleep 600", "yes"])
    func `a program that does not end is killed with all that it started`(script: String) throws {
        let mark = "ponder-\(UUID().uuidString)"
        #expect { try output("A=\(mark); export A; \(script)", timeout: 0.5) } throws: {
            "\($0)".contains("was stopped")
        }
        // A killed process takes a moment to be gone.
        var left = try started(with: mark)
        for _ in 0..<500 where !left.isEmpty {
            usleep(10_000)
            left = try started(with: mark)
        }
        #expect(left.isEmpty)
    }

    /// The processes that have a mark in their environment.
    private func started(with mark: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }.filter {
            let environment = FileManager.default.contents(atPath: "/proc/\($0)/environ") ?? Data()
            return String(decoding: environment, as: UTF8.self).contains(mark)
        }
    }
}
