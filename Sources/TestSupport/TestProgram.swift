package import Foundation

/// A program that a test ran to its end, and its output.
package struct TestProgram: Sendable {
    package let status: Int32
    package let output: String
    package let errors: String

    /// The `ponder` that was built with these tests.
    package static let ponder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "ponder")

    /// Runs a program with a standard input that is a file; it is killed when it takes longer than `seconds`.
    ///
    /// - Parameter environment: added to that of the test.
    package static func run(
        _ executable: URL, _ arguments: [String], input: String = "", environment: [String: String] = [:],
        within seconds: Double = 120
    ) async throws -> TestProgram {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "ponder-program-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try ["in", "out", "err"].map { name in
            let path = folder.appending(path: name)
            try Data(name == "in" ? input.utf8 : "".utf8).write(to: path)
            return path
        }
        let process = Process()
        process.executableURL = executable
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
            DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak process] in
                // Only before the child has been waited for: afterwards its pid may belong to another process.
                if let process, process.isRunning { kill(child, SIGKILL) }
            }
        }
        return TestProgram(
            status: status, output: try String(contentsOf: files[1], encoding: .utf8),
            errors: try String(contentsOf: files[2], encoding: .utf8))
    }
}
