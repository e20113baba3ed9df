import Foundation
import Reasoning
import Reinforcement
import RunStore
import Settings

@testable import Dashboard

/// A run in a folder of a test's own, removed when the test lets go of it.
final class SampleRun {
    let folder: URL
    let directory: RunDirectory
    let records: RunDatabase

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "ponder-\(UUID().uuidString.lowercased())")
        directory = try RunDirectory.prepare(at: folder)
        try directory.start(
            RunConfiguration(), identity: RunIdentity(created: Date(timeIntervalSince1970: 0)))
        records = try RunDatabase.open(directory)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func record(step: Int, time: Double? = nil, response: String = "<think>1+1=2</think>2") throws {
        var metrics = StepMetrics(step: step, incarnation: 1, time: time ?? Double(step))
        metrics.accuracy = 0.5
        metrics.seconds = 1
        let round = RoundID(step: step - 1, purpose: .training)
        let trace = ScoredTrace(
            trace: Trace(
                id: SampleID(round: round, problem: 0, sample: 0), tokens: [1], logProbabilities: [-1],
                version: round.version, finish: .end),
            response: response, form: nil, thought: nil,
            reward: Reward(format: 0.2, accuracy: 1, verdict: .correct))
        let asked = Problem(id: "bills/0", question: "1+1=?", expected: "2", difficulty: 2)
        let group = TraceGroup(
            problem: AssignedProblem(index: 0, problem: asked), prompt: [], traces: [trace], worker: "w")
        try records.record(metrics, groups: [group], traceLimit: 9)
    }

    /// The files of the page in the sources.
    static func page() throws -> PageFiles {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try PageFiles(
            folder: root.appending(path: "Sources/ponder/Resources/dashboard").path, charts: "/nonexistent")
    }
}

/// A client that sends bytes and reads what comes, with no help from a library.
final class Client: Sendable {
    private let descriptor: Int32

    /// - Parameter receiveBuffer: bytes that the system keeps for a client that does not read.
    init(port: UInt16, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw DashboardError("connect: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        _ = text.withCString { Foundation.send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
    }

    /// Reads until the text has come, or until the server closes the connection or says nothing for 10 s.
    func read(until end: String? = nil) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                var all = Data()
                var buffer = [UInt8](repeating: 0, count: 65536)
                while true {
                    let count = recv(descriptor, &buffer, buffer.count, 0)
                    guard count > 0 else { break }
                    all += buffer[..<count]
                    if let end, all.range(of: Data(end.utf8)) != nil { break }
                }
                continuation.resume(returning: String(decoding: all, as: UTF8.self))
            }
        }
    }

    /// The answer to one request, with its head.
    static func get(_ target: String, port: UInt16, headers: [String] = []) async throws -> String {
        let client = try Client(port: port)
        let lines = ["GET \(target) HTTP/1.1", "Host: localhost:\(port)", "Connection: close"] + headers
        client.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        return await client.read()
    }
}
