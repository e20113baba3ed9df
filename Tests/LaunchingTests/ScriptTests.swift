import Foundation
import Testing

@testable import Launching

@Suite struct ScriptTests {
    @Test(arguments: ["plain", "it's", "a b", "", "$HOME `id` \"x\"", "-n", "new\nline", "ä", "*"])
    func `a quoted word arrives as it was`(_ word: String) async throws {
        let (code, lines) = try await ScriptRun.output(of: "printf '%s' " + ShellText.quoted(word))
        #expect(code == 0)
        #expect(lines.joined(separator: "\n") == word)
    }

    @Test func `a document that holds its own end mark arrives as it was`() async throws {
        let text = "one $HOME\nPONDER\nPONDER_\n\\ `x`\n"
        let (_, lines) = try await ScriptRun.output(of: "cat " + ShellText.document(text))
        #expect(lines.joined(separator: "\n") + "\n" == text)
    }

    @Test func `both streams, the exit code and the signal of a script are told`() async throws {
        let ended = try await ScriptRun.output(of: "echo out; echo err >&2; printf last; exit 7")
        #expect(ended.code == 7)
        #expect(Set(ended.lines) == ["out", "err", "last"])
        #expect(try await ScriptRun.output(of: "kill -KILL $$").code == 128 + SIGKILL)
    }

    @Test func `a script that is ended takes what it started along`() async throws {
        let run = try ScriptRun.start("sleep 600 & echo started; wait")
        var lines = run.lines.makeAsyncIterator()
        #expect(await lines.next() == "started")
        run.kill()
        // The pipe ends only when the sleeper has.
        #expect(await lines.next() == nil)
        #expect(await run.ending() == 128 + SIGTERM)
    }

    @Test func `reports are told from plain output`() {
        #expect(
            ScriptReport("@ponder started a-1 12 34 boot")
                == .started(name: "a-1", process: 12, start: 34, boot: "boot"))
        #expect(ScriptReport("@ponder ended a-1 0") == .ended(name: "a-1", code: 0))
        #expect(ScriptReport("@ponder gone a-1") == .state(name: "a-1", .gone))
        #expect(ScriptReport("@ponder job workers 13") == .job(role: "workers", id: "13"))
        for line in [
            "", "@ponder", "@ponder started a-1 1 34 boot", "@ponder nonsense x", "ready", "x @ponder ready",
        ] {
            #expect(ScriptReport(line) == nil)
        }
    }

    @Test func `only the very process that was started is ended`() async throws {
        // Stands for a worker: knows when it is told to end.
        let sleeper = try ScriptRun.start("exec sleep 600")
        let stranger = try ScriptRun.start("exec sleep 600")
        defer { stranger.kill() }
        func identity(_ process: pid_t) async throws -> (UInt64, String) {
            let words = try await ScriptRun.output(of: "\(FarScript.identity)\nidentity \(process)").lines
                .joined().split(separator: " ")
            return (
                try #require(words.first.flatMap { UInt64($0) }), try #require(words.last.map(String.init))
            )
        }
        let (start, boot) = try await identity(sleeper.process)
        let workers = [
            FarWorker(host: "a", name: "mine", process: Int(sleeper.process), start: start, boot: boot),
            // Its number was given to somebody else since.
            FarWorker(host: "a", name: "other", process: Int(stranger.process), start: start - 1, boot: boot),
            FarWorker(host: "a", name: "before", process: Int(stranger.process), start: start, boot: "x"),
        ]
        let before = try await ScriptRun.output(of: FarScript.status(workers)).lines
        #expect(before == ["@ponder running mine", "@ponder gone other", "@ponder gone before"])
        let after = try await ScriptRun.output(of: FarScript.stop(workers, grace: 10)).lines
        #expect(after == ["@ponder gone mine", "@ponder gone other", "@ponder gone before"])
        #expect(await sleeper.ending() == 128 + SIGTERM)
        #expect(kill(stranger.process, 0) == 0)
    }
}
