import Foundation
import Testing

struct `ponder relay` {
    @Test func `refuses a port that others reach without keys, and an endpoint without a port`() async throws
    {
        let open = try await PonderProcess.run(
            "relay", "--connect", "tcp://127.0.0.1:5555", "--bind", "tcp://0.0.0.0:5600")
        #expect(open.status == 2)
        #expect(open.errors.contains("give --keys DIR"))
        let remote = try await PonderProcess.run(
            "relay", "--connect", "tcp://10.0.0.1:5555", "--bind", "tcp://127.0.0.1:5600")
        #expect(remote.status == 2)
        #expect(remote.errors.contains("is on another machine"))
        let vague = try await PonderProcess.run(
            "worker", "--connect", "tcp://127.0.0.1:5555", "--weights", "tcp://127.0.0.1:*")
        #expect(vague.status == 2)
        #expect(vague.errors.contains("names no port"))
        let sharing = try await PonderProcess.run(
            "worker", "--connect", "tcp://127.0.0.1:5555", "--serve-weights", "tcp://0.0.0.0:5600")
        #expect(sharing.status == 2)
        #expect(sharing.errors.contains("0.0.0.0:5600") && !sharing.errors.contains("is on another machine"))
    }

    @Test func `of sealed chunks takes no keys, and plain chunks are not mixed with them`() async throws {
        let connect = ["--connect", "tcp://127.0.0.1:5555"]
        let keyed = try await PonderProcess.run(
            ["relay", "--sealed", "--bind", "tcp://127.0.0.1:5600", "--keys", "keys"] + connect)
        #expect(keyed.status == 2 && keyed.errors.contains("no keys are needed"))
        let mixed = try await PonderProcess.run(
            ["relay", "--bind", "tcp://127.0.0.1:5600", "--sealed-weights", "tcp://127.0.0.1:5700"] + connect)
        #expect(mixed.status == 2 && mixed.errors.contains("ponder relay --sealed"))
        let sharing = try await PonderProcess.run(
            [
                "worker", "--serve-weights", "tcp://127.0.0.1:5600", "--sealed-weights",
                "tcp://127.0.0.1:5700",
            ] + connect)
        #expect(sharing.status == 2 && sharing.errors.contains("ponder relay --sealed"))
        let open = try await PonderProcess.run(
            "coordinator", "--bind", "tcp://127.0.0.1:5555", "--sealed-bind", "tcp://127.0.0.1:5557",
            "--run", "runs/none")
        #expect(open.status == 2 && open.errors.contains("give --keys DIR"))
    }

    @Test func `needs its key and the coordinator's, and says which is missing`() async throws {
        let scratch = try Scratch()
        let missing = try await PonderProcess.run(
            "relay", "--connect", "tcp://10.0.0.1:5555", "--bind", "tcp://0.0.0.0:5600", "--keys",
            scratch.path("keys"))
        #expect(missing.status == 2)
        #expect(missing.errors.contains("ponder keys make relay"))
    }

    @Test func `weights are measured beside a plain copy, and through relays leave the coordinator once`()
        async throws
    {
        let outcome = try await PonderProcess.run(
            "benchmark", "weights", "--bytes", "262144", "--chunk", "16384", "--workers", "4", "--relays",
            "2",
            "--repeats", "2", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let object = try outcome.object()
        #expect(object["copies_sent_by_coordinator"] as? Double == 1)
        #expect(object["ratio_to_plain_copy"] as? Double ?? 0 > 0)
    }
}
