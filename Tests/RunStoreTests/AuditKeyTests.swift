import Foundation
import Host
import Testing

@testable import RunStore

@Suite struct AuditKeyTests {
    let scratch: Scratch
    let run: RunDirectory

    init() throws {
        scratch = try Scratch()
        run = try scratch.run()
    }

    @Test func `a run's key is made once, and its file is for its owner alone`() throws {
        let key = try AuditKey(of: run)
        #expect(key.bytes.count == AuditKey.size)
        #expect(try AuditKey(of: run) == key)
        let facts = try FileManager.default.attributesOfItem(atPath: run.auditKey.path)
        #expect(facts[.posixPermissions] as? Int == 0o600)
        #expect(try AuditKey(of: scratch.run("other")) != key)
    }

    @Test func `a key that could not be written is made at the next start`() throws {
        for position in 0..<4 {
            #expect(throws: FileError.self) {
                try AuditKey(of: run, files: Accident(.error(ENOSPC), at: position))
            }
            #expect(!FileManager.default.fileExists(atPath: run.auditKey.path))
        }
        #expect(try AuditKey(of: run).bytes.count == AuditKey.size)
    }

    @Test func `a damaged key is said to be so, with what to do`() throws {
        try Data([1, 2, 3]).write(to: run.auditKey)
        #expect { try AuditKey(of: run) } throws: {
            "\($0)".contains("audit.key has 3 bytes instead of 32; remove it")
        }
    }
}
