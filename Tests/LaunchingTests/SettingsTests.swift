import Foundation
import Testing

@testable import Launching

@Suite struct SettingsTests {
    private func file(_ text: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "ponder-settings-\(UUID())").path
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test func `flags win over environment over file`() throws {
        let path = try file("workers = 1\npartition = slow # for now\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let keys = ["workers", "partition", "connect-timeout"]
        let settings = try LaunchSettings(
            file: path, keys: keys,
            environment: ["PONDER_LAUNCH_WORKERS": "2", "PONDER_LAUNCH_CONNECT_TIMEOUT": "7"])
        #expect(try settings.integer("workers", 3, in: 1...9) == 3)
        #expect(try settings.integer("workers", nil, in: 1...9) == 2)
        #expect(settings.text("partition", nil) == "slow")
        #expect(settings.text("partition", "fast") == "fast")
        #expect(try settings.integer("connect-timeout", nil, in: 1...9) == 7)
        let plain = try LaunchSettings(file: path, keys: keys, environment: [:])
        #expect(try plain.integer("workers", nil, in: 1...9) == 1)
    }

    @Test(arguments: [
        ("worker = 2", "line 1: unknown key \"worker\"; did you mean workers?"),
        ("\nworkers 2", "line 2: \"workers 2\" is no key = value"),
        ("workers =", "line 1: workers has no value"),
        ("workers = 1\nworkers = 2", "line 2: workers is given twice"),
    ])
    func `a settings file is read strictly`(_ text: String, _ message: String) throws {
        let path = try file(text)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = #expect(throws: LaunchError.self) {
            try LaunchSettings(file: path, keys: ["workers"], environment: [:])
        }
        #expect(error?.description == "\(path) \(message)")
    }

    @Test func `an unusable number is named with where it comes from`() throws {
        let settings = try LaunchSettings(
            file: nil, keys: ["workers"], environment: ["PONDER_LAUNCH_WORKERS": "many"])
        let error = #expect(throws: LaunchError.self) { try settings.integer("workers", nil, in: 1...9) }
        #expect(error?.description == "PONDER_LAUNCH_WORKERS=many is no number from 1 to 9")
    }
}
