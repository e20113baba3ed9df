import Foundation

/// The real program, run as a shell would run it.
enum PonderProcess {
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }

        /// The lines of standard output, each of which must be a JSON object.
        func objects() throws -> [[String: Any]] {
            try lines.map {
                let value = try JSONSerialization.jsonObject(with: Data($0.utf8))
                guard let object = value as? [String: Any] else {
                    throw Unusable(description: "not an object: \($0)")
                }
                return object
            }
        }

        func object() throws -> [String: Any] {
            guard let last = try objects().last else { throw Unusable(description: "no output; \(errors)") }
            return last
        }
    }

    struct Unusable: Error, CustomStringConvertible { let description: String }

    /// The binary that was built with these tests.
    static let binary = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "ponder")

    /// Runs `ponder` with a standard input that is a file, and kills it when it takes longer than two minutes.
    static func run(
        _ arguments: String..., input: String = "", environment: [String: String] = [:]
    ) async throws -> Outcome {
        try await run(arguments, input: input, environment: environment)
    }

    static func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) async throws -> Outcome {
        let scratch = try Scratch()
        let files = try ["in", "out", "err"].map { name in
            let path = scratch.url.appending(path: name)
            try Data(name == "in" ? input.utf8 : "".utf8).write(to: path)
            return path
        }
        let process = Process()
        process.executableURL = binary
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        let status = try await withCheckedThrowingContinuation {
            (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                done.resume(throwing: error)
                return
            }
            let child = process.processIdentifier
            DispatchQueue.global().asyncAfter(deadline: .now() + 120) { [weak process] in
                // Only while it is still ours: a pid that has been waited for may be somebody else's.
                if let process, process.isRunning { kill(child, SIGKILL) }
            }
        }
        return Outcome(
            status: status, output: try String(contentsOf: files[1], encoding: .utf8),
            errors: try String(contentsOf: files[2], encoding: .utf8))
    }
}

/// A temporary folder that goes with its last reference.
final class Scratch: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "ponder-command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    /// Writes a file and returns its path.
    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: url.appending(path: name))
        return path(name)
    }
}

/// A model folder that the program itself makes once: a tiny decoder that has read next to nothing.
enum TinyModel {
    private static let place = Result { try Scratch() }

    private static let made = Task { () throws -> PonderProcess.Outcome in
        let scratch = try place.get()
        let configuration = try scratch.write(
            "tiny.yaml",
            """
            steps: 2
            documents: 4
            warmup: 1
            model: {hidden: 16, layers: 1, heads: 2, kvHeads: 2, ffn: 32, maximumPositions: 256}
            """)
        return try await PonderProcess.run("pretrain", configuration, "--out", scratch.path("model"))
    }

    /// What `ponder pretrain` answered.
    static func pretraining() async throws -> PonderProcess.Outcome { try await made.value }

    static func folder() async throws -> String {
        let outcome = try await made.value
        guard outcome.status == 1 else {
            throw PonderProcess.Unusable(description: "pretrain: \(outcome.errors)")
        }
        return try place.get().path("model")
    }
}
