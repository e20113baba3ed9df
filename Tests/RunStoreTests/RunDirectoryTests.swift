import Foundation
import Host
import Settings
import Testing

@testable import RunStore

@Suite struct RunDirectoryTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test func `new runs of a day get numbers`() throws {
        let parent = scratch.url.appending(path: "deep/runs")
        let names = try (0..<3).map { _ in
            try RunDirectory.make(in: parent, date: "2026-11-24", source: "bills").root.lastPathComponent
        }
        #expect(names == ["2026-11-24-bills", "2026-11-24-bills-2", "2026-11-24-bills-3"])
    }

    @Test func `a started run is found again with its configuration and identity`() throws {
        let run = try RunDirectory.prepare(at: scratch.url.appending(path: "a/b"))
        #expect(!run.isRun)
        var configuration = RunConfiguration()
        configuration.learning.rate = 3e-4
        let identity = RunIdentity(created: Date(timeIntervalSince1970: 1_795_000_000))
        try run.start(configuration, identity: identity)
        let found = try RunDirectory.existing(at: run.root)
        #expect(try found.configuration() == configuration)
        #expect(try found.readIdentity() == identity)
        #expect(try RunDirectory.prepare(at: run.root).isRun)
    }

    @Test func `a folder full of something else is refused`() throws {
        try Data().write(to: scratch.url.appending(path: "thesis.tex"))
        #expect { try RunDirectory.prepare(at: scratch.url) } throws: {
            "\($0)".contains("not empty (thesis.tex)")
        }
        #expect { try RunDirectory.existing(at: scratch.url) } throws: { "\($0)".contains("holds no run") }
    }

    @Test func `a folder in which a launch has put its scripts becomes a run`() throws {
        let folder = scratch.url.appending(path: "launched")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "launch/logs"), withIntermediateDirectories: true)
        #expect(try !RunDirectory.prepare(at: folder).isRun)
    }

    @Test func `a file in the folder's place is refused`() throws {
        let path = scratch.url.appending(path: "file")
        try Data().write(to: path)
        #expect { try RunDirectory.prepare(at: path) } throws: { "\($0)".contains("is a file") }
    }

    @Test func `a start interrupted at any point can be started again`() throws {
        for position in 0..<12 {
            let run = try RunDirectory.prepare(at: scratch.url.appending(path: "run-\(position)"))
            _ = try RunLock.acquire(run)
            let files = Accident(.error(EIO), at: position)
            let identity = RunIdentity(created: Date(timeIntervalSince1970: 0))
            let isStarted = (try? run.start(RunConfiguration(), identity: identity, files: files)) != nil
            let again = try RunDirectory.prepare(at: run.root)
            if !again.isRun { try again.start(RunConfiguration(), identity: identity) }
            #expect(try again.configuration() == RunConfiguration())
            #expect(isStarted || position < files.operations)
        }
    }

    @Test func `a start that is discarded leaves no folder`() throws {
        let run = try RunDirectory.prepare(at: scratch.url.appending(path: "run"))
        let lock = try RunLock.acquire(run)
        let identity = RunIdentity(created: Date(timeIntervalSince1970: 0))
        try run.start(RunConfiguration(), identity: identity, problems: Data("{}".utf8))
        _ = try AuditKey(of: run)
        run.discardStart(problems: true)
        lock.release()
        #expect(!FileManager.default.fileExists(atPath: run.root.path))
    }

    @Test func `a start that is discarded keeps a file of problems that its user put there`() throws {
        let run = try RunDirectory.prepare(at: scratch.url.appending(path: "run"))
        try Data("{}".utf8).write(to: run.problems)
        try run.start(RunConfiguration(), identity: RunIdentity(created: Date(timeIntervalSince1970: 0)))
        run.discardStart(problems: false)
        #expect(try FileManager.default.contentsOfDirectory(atPath: run.root.path) == ["problems.jsonl"])
    }

    @Test func `a configuration that cannot be saved leaves the old one`() throws {
        let run = try scratch.run()
        var other = RunConfiguration()
        other.steps = 99
        for position in 0..<3 {
            #expect(throws: FileError.self) {
                try run.save(other, files: Accident(.error(ENOSPC), at: position))
            }
            #expect(try run.configuration() == RunConfiguration())
        }
    }

    @Test func `damaged identity is said to be so`() throws {
        let run = try scratch.run()
        try Data("{}".utf8).write(to: run.identity)
        #expect { try run.readIdentity() } throws: { "\($0)".contains("run.json is damaged") }
    }
}
