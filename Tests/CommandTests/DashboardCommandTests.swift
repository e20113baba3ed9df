import Dashboard
import Foundation
import Testing

@Suite struct DashboardCommandTests {
    @Test func `a dashboard whose port is in use is refused before the run begins`() async throws {
        let listener = try Listener(binding: DashboardAddress("127.0.0.1:0"))
        defer { listener.close() }
        let scratch = try Scratch()
        let address = "127.0.0.1:\(listener.port)"
        let outcome = try await PonderProcess.run(
            "train", "--run", scratch.path("run"), "--dashboard", address)
        #expect(outcome.status == 1)
        let sentence = "cannot use \(address): another program listens there; give another port"
        #expect(outcome.errors.contains(sentence))
        #expect(!FileManager.default.fileExists(atPath: scratch.path("run")))
    }

    @Test func `an address that is none, and a folder that holds no run, are refused`() async throws {
        let scratch = try Scratch()
        let folder = try await PonderProcess.run("dashboard", "--run", scratch.path("none"))
        #expect(folder.status == 2 && folder.errors.contains("no such folder"))
        let address = try await PonderProcess.run("train", "--dashboard", "8765")
        #expect(address.status == 2 && address.errors.contains("'8765' is no HOST:PORT"))
    }
}
