import Foundation
import Testing

@Suite struct LaunchTests {
    /// Runs with no program on PATH: what would be called is not there.
    private func launch(_ arguments: String...) async throws -> PonderProcess.Outcome {
        try await PonderProcess.run(["launch"] + arguments, environment: ["PATH": "/nowhere"])
    }

    @Test func `a dry run needs none of the programs that the launch would call`() async throws {
        let scratch = try Scratch()
        let hosts = try scratch.write("hosts", "node1 slots=2\n")
        for (arguments, part) in [
            (["ssh", "--hosts", hosts, "--coordinator", "tcp://10.0.0.1:5555"], "ssh -a"),
            (["slurm", "--workers", "3", "--run", scratch.path("run")], "--array=0-2"),
            (["kubernetes", "--workers", "3"], "kubectl apply -k"),
        ] {
            let outcome = try await PonderProcess.run(
                ["launch"] + arguments + ["--dry-run"], environment: ["PATH": "/nowhere"])
            #expect(outcome.status == 0)
            #expect(outcome.output.hasPrefix("#!/bin/sh\n") && outcome.output.contains(part))
            #expect(outcome.errors.isEmpty)
        }
    }

    @Test func `without the program that it calls a launch is refused with the remedy`() async throws {
        let scratch = try Scratch()
        let hosts = try scratch.write("hosts", "node1\n")
        for (arguments, program) in [
            (["ssh", "--hosts", hosts, "--coordinator", "tcp://10.0.0.1:5555"], "ssh"),
            (["slurm", "--workers", "3", "--run", scratch.path("run")], "sbatch"),
            (["kubernetes", "--workers", "3", "--state", scratch.path("state")], "kubectl"),
        ] {
            let outcome = try await PonderProcess.run(
                ["launch"] + arguments, environment: ["PATH": "/nowhere"])
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("there is no \(program) on PATH"))
            #expect(outcome.errors.contains("--dry-run"))
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.path("run")))
    }

    @Test func `a coordinator on loopback is refused for other hosts and taken for this one`() async throws {
        let scratch = try Scratch()
        let mixed = try scratch.write("hosts", "localhost\nnode1\n")
        let refused = try await launch(
            "ssh", "--hosts", mixed, "--coordinator", "tcp://127.0.0.1:5555", "--dry-run")
        #expect(refused.status == 2)
        #expect(refused.errors.contains("node1"))
        #expect(refused.output.isEmpty)
        let own = try scratch.write("hosts", "localhost slots=2\n127.0.0.1\n")
        let taken = try await launch(
            "ssh", "--hosts", own, "--coordinator", "tcp://127.0.0.1:5555", "--dry-run")
        #expect(taken.status == 0)
    }

    @Test(arguments: [
        ("node1 slot=2\n", "tcp://10.0.0.1:5555", "line 1: unknown key \"slot\"; did you mean slots?"),
        ("node1\n", "tcp://10.0.0.1", "the port is missing"),
        ("node1\n", "tcp://*:5555", "is where a coordinator binds"),
        ("node1\n", "10.0.0.1:5555", "begins with neither tcp:// nor ipc://"),
    ])
    func `bad input is one sentence and 2`(_ text: String, _ endpoint: String, _ part: String) async throws {
        let scratch = try Scratch()
        let outcome = try await launch(
            "ssh", "--hosts", try scratch.write("hosts", text), "--coordinator", endpoint, "--dry-run")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(part))
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test func `the command line wins over the environment, and that over the file`() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("settings", "workers = 1\npartition = slow\n")
        func array(_ arguments: [String], _ variables: [String: String]) async throws -> String {
            try await PonderProcess.run(
                ["launch", "slurm", "--run", "/x", "--settings", file, "--dry-run"] + arguments,
                environment: variables
            ).output
        }
        #expect(try await array([], [:]).contains("--array=0-0 --partition=slow"))
        let variables = ["PONDER_LAUNCH_WORKERS": "2"]
        #expect(try await array([], variables).contains("--array=0-1 --partition=slow"))
        #expect(try await array(["--workers", "3"], variables).contains("--array=0-2 --partition=slow"))
    }

    @Test func `nothing launched is nothing to tell, and an unknown launch is named`() async throws {
        let scratch = try Scratch()
        let status = try await launch("status", "--state", scratch.path("state"))
        #expect(status.status == 0 && status.output.isEmpty)
        let stop = try await launch("stop", "ssh-1", "--state", scratch.path("state"))
        #expect(stop.status == 2)
        #expect(stop.errors.contains("there is no launch ssh-1"))
    }
}
