import ExternalPrograms
import Foundation
import Reasoning
import Synchronization

/// Verifiers of a test's own in a folder that goes with them.
final class Programs: Sendable {
    let folder: URL
    private let lines = Mutex<[String]>([])

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "ponder-programs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// A Python program that gives each answer, a number, the reward of its last digit: 0 to 0.9; `body` comes before.
    func python(_ body: String = "", name: String = "verify.py") throws -> ExternalProgram {
        try script(
            name,
            """
            import sys, json, os, time
            def reply(id, **verdict):
                print(json.dumps({"id": id, **verdict}), flush=True)
            count = 0
            for line in sys.stdin:
                q = json.loads(line)
                a = int(q["answer"])
                count += 1
            \(body.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
                reply(q["id"], reward=a % 10 / 10)
            """)
        var program = ExternalProgram(command: ["python3", path(name)])
        program.timeout = .seconds(20)
        return program
    }

    @discardableResult
    func script(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: folder.appending(path: name))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path(name))
        return path(name)
    }

    /// Everything that pools logged.
    var log: [String] { lines.withLock { $0 } }

    func pool(_ program: ExternalProgram) throws -> VerifierPool {
        try VerifierPool(program, log: { [self] line in lines.withLock { $0.append(line) } })
    }

    /// Process ids that programs wrote into a file, one a line.
    func processes(in name: String) -> [pid_t] {
        let text = (try? String(contentsOfFile: path(name), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { pid_t($0) }
    }

    static func isRunning(_ id: pid_t) -> Bool {
        // One that was killed and not yet reaped by init does not run.
        guard let status = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else {
            return false
        }
        return status.split(separator: ")").last?.split(separator: " ").first != "Z"
    }

    /// Looks until it holds, ten seconds at most.
    static func eventually(_ holds: () -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(10)
        while !holds() {
            guard ContinuousClock.now < end else { return false }
            try await Task.sleep(for: .milliseconds(5))
        }
        return true
    }
}

extension VerifierQuestion {
    static func numbers(_ range: Range<Int>) -> [VerifierQuestion] {
        range.map {
            VerifierQuestion(
                question: "\($0)=?", answer: Answer(direct: "\($0)"), expected: "x", metadata: nil)
        }
    }
}

extension Verdict {
    /// What the test's program says of a number.
    static func ofNumber(_ number: Int) -> Verdict { Verdict(credit: Double(number % 10) / 10) ?? .undecided }
}
