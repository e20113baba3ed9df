import Foundation
import Messaging
import Testing
import ZeroMQ

/// Keys as a user handles them.
@Suite struct KeysCommandTests {
    /// A folder with a coordinator's key and a worker's, of which the latter is on the list.
    private func folder(_ scratch: Scratch, _ others: String...) async throws -> String {
        let keys = scratch.path("keys")
        let made = try await PonderProcess.run(
            ["keys", "make", "coordinator", "worker"] + others + ["--keys", keys])
        #expect(made.status == 0, "\(made.errors)")
        let authorized = try await PonderProcess.run("keys", "authorize", "worker", "--keys", keys)
        #expect(authorized.status == 0, "\(authorized.errors)")
        return keys
    }

    private func secret(_ keys: String, _ name: String) throws -> String {
        let text = try String(contentsOfFile: "\(keys)/\(name).key", encoding: .utf8)
        return String(try #require(text.split(separator: "\n").last?.split(separator: " ").last))
    }

    /// A coordinator's control port with the keys of a folder.
    private func port(_ keys: String) async throws -> ZeroMQCoordinatorTransport {
        try await ZeroMQCoordinatorTransport(
            binding: Endpoint("tcp://127.0.0.1:*"), security: .keys(KeyFolder(keys).allowList()))
    }

    @Test func `keys are made, listed, authorized and revoked, and no secret is ever shown`() async throws {
        let scratch = try Scratch()
        let keys = try await folder(scratch)
        let list = try await PonderProcess.run("keys", "list", "--json", environment: ["PONDER_KEYS": keys])
        #expect(list.status == 0)
        let object = try list.object()
        let held = try #require(object["keys"] as? [[String: Any]])
        #expect(held.map { $0["name"] as? String } == ["coordinator", "worker"])
        #expect(held.allSatisfy { $0["secret"] as? Bool == true })
        let authorized = try #require(object["authorized"] as? [[String: Any]])
        let fingerprint = try #require(authorized.first?["fingerprint"] as? String)
        #expect(fingerprint.count == 16)
        let text = try await PonderProcess.run("keys", "list", "--keys", keys)
        #expect(text.output.contains("worker            \(fingerprint)  secret and public"))

        let revoked = try await PonderProcess.run("keys", "revoke", fingerprint, "--keys", keys, "--json")
        #expect(revoked.status == 0)
        let again = try await PonderProcess.run("keys", "list", "--keys", keys)
        #expect(again.output.contains("nobody is authorized"))
        let twice = try await PonderProcess.run("keys", "revoke", "worker", "--keys", keys)
        #expect(twice.status == 2)
        for outcome in [list, text, revoked, again, twice] {
            for name in ["coordinator", "worker"] {
                #expect(!(outcome.output + outcome.errors).contains(try secret(keys, name)))
            }
        }
    }

    @Test func `a key that is there is never replaced`() async throws {
        let scratch = try Scratch()
        let keys = try await folder(scratch)
        let before = try secret(keys, "worker")
        let outcome = try await PonderProcess.run("keys", "make", "fresh", "worker", "--keys", keys)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("worker.key is there already"))
        #expect(try secret(keys, "worker") == before)
        #expect(!FileManager.default.fileExists(atPath: "\(keys)/fresh.key"))
    }

    @Test(arguments: [["make", "x"], ["list"], ["authorize", "x"], ["revoke", "x"]])
    func `without a folder a call ends with 2 and names the ways to give one`(_ arguments: [String])
        async throws
    {
        let outcome = try await PonderProcess.run(["keys"] + arguments, environment: ["PONDER_KEYS": ""])
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("--keys DIR, or set PONDER_KEYS"))
    }

    @Test func `a coordinator that others reach needs keys, or the word that it does not`() async throws {
        let scratch = try Scratch()
        let keys = try await folder(scratch)
        let run = scratch.path("run")
        let call = ["coordinator", "--bind", "tcp://0.0.0.0:*", "--run", run]
        let bare = try await PonderProcess.run(call, environment: ["PONDER_KEYS": ""])
        #expect(bare.status == 2)
        #expect(bare.errors.contains("--insecure"))
        let both = try await PonderProcess.run(call + ["--keys", keys, "--insecure"])
        #expect(both.status == 2)
        #expect(both.errors.contains("contradict each other"))
        let none = try await PonderProcess.run(call + ["--keys", scratch.path("empty")])
        #expect(none.status == 2)
        #expect(none.errors.contains("ponder keys make coordinator"))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: "\(keys)/coordinator.key")
        let exposed = try await PonderProcess.run(call, environment: ["PONDER_KEYS": keys])
        #expect(exposed.status == 2)
        #expect(exposed.errors.contains("chmod 600 \(keys)/coordinator.key"))
        // Nothing was begun.
        #expect(!FileManager.default.fileExists(atPath: run))
    }

    @Test func `a worker dials another machine with keys only, unless told otherwise`() async throws {
        let scratch = try Scratch()
        let keys = try await folder(scratch)
        let call = ["worker", "--connect", "tcp://192.0.2.1:5555"]
        let bare = try await PonderProcess.run(call, environment: ["PONDER_KEYS": ""])
        #expect(bare.status == 2)
        #expect(bare.errors.contains("say --keys DIR"))
        try FileManager.default.removeItem(atPath: "\(keys)/coordinator.pub")
        try FileManager.default.removeItem(atPath: "\(keys)/coordinator.key")
        let half = try await PonderProcess.run(call + ["--keys", keys])
        #expect(half.status == 2)
        #expect(half.errors.contains("coordinator.pub is missing"))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: "\(keys)/worker.key")
        let exposed = try await PonderProcess.run(call + ["--keys", keys])
        #expect(exposed.status == 2)
        #expect(exposed.errors.contains("chmod 600 \(keys)/worker.key"))
    }

    @Test func `a worker whose key is refused, wrong or missing ends with 4 within ten seconds and says why`()
        async throws
    {
        let scratch = try Scratch()
        let keys = try await folder(scratch, "stranger")
        let elsewhere = try Scratch()
        let other = try await folder(elsewhere)
        let port = try await port(keys)
        let call = ["worker", "--connect", port.endpoint.text]

        let stranger = try await PonderProcess.run(call + ["--keys", keys, "--name", "stranger"])
        #expect(stranger.status == 4)
        #expect(stranger.errors.contains("refuses key stranger"))

        let plain = try await PonderProcess.run(call, environment: ["PONDER_KEYS": ""])
        #expect(plain.status == 4)
        #expect(plain.errors.contains("one side uses keys and the other none"))

        let copied = scratch.path("confused")
        try FileManager.default.copyItem(atPath: keys, toPath: copied)
        for file in ["coordinator.pub", "coordinator.key"] {
            try FileManager.default.removeItem(atPath: "\(copied)/\(file)")
            try FileManager.default.copyItem(atPath: "\(other)/\(file)", toPath: "\(copied)/\(file)")
        }
        let start = ContinuousClock.now
        let confused = try await PonderProcess.run(call + ["--keys", copied])
        #expect(confused.status == 4)
        #expect(confused.errors.contains("\(copied)/coordinator.pub"))
        // Ten, and as many for a machine that is busy with other tests.
        #expect(ContinuousClock.now - start < .seconds(20))
        await port.close()
    }

    @Test func `status and doctor tell a refused key from nobody`() async throws {
        let scratch = try Scratch()
        let keys = try await folder(scratch)
        let port = try await port(keys)
        let endpoint = port.endpoint.text
        // It shakes hands; that it does not answer is this test's port.
        let doctor = try await PonderProcess.run("doctor", "--connect", endpoint, "--keys", keys)
        #expect(doctor.output.contains("PROBLEM  coordinator"))
        #expect(doctor.output.contains(endpoint) && doctor.output.contains("a ZeroMQ port is there"))
        let silent = try await PonderProcess.run("status", "--connect", endpoint, "--keys", keys)
        #expect(silent.status == 3)

        #expect(try await PonderProcess.run("keys", "revoke", "worker", "--keys", keys).status == 0)
        var status = silent
        for _ in 0..<20 where status.status != 4 {
            status = try await PonderProcess.run("status", "--connect", endpoint, "--keys", keys)
        }
        #expect(status.status == 4)
        // By the handshake, or by the answer to what was asked just before the list was read again.
        #expect(
            ["refuses key worker", "is not on the coordinator's list"].contains { status.errors.contains($0) }
        )
        let refused = try await PonderProcess.run("doctor", "--connect", endpoint, "--keys", keys)
        #expect(refused.status == 1)
        #expect(refused.output.contains("PROBLEM  coordinator"))
        #expect(refused.output.contains("refuses key worker"))
        await port.close()
        let nobody = try await PonderProcess.run("status", "--connect", endpoint, "--keys", keys)
        #expect(nobody.status == 3)
    }
}
