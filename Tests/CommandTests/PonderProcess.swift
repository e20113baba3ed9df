import Foundation
import TestSupport

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

    /// Runs `ponder` with a standard input that is a file, and kills it when it takes longer than two minutes.
    static func run(
        _ arguments: String..., input: String = "", environment: [String: String] = [:]
    ) async throws -> Outcome {
        try await run(arguments, input: input, environment: environment)
    }

    static func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) async throws -> Outcome {
        let done = try await TestProgram.run(
            TestProgram.ponder, arguments, input: input, environment: environment)
        return Outcome(status: done.status, output: done.output, errors: done.errors)
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
        return try await PonderProcess.run("pretrain", configuration, "--output", scratch.path("model"))
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
