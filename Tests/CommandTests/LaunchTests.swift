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

    @Test func `keys and paths that are missing are warned of, and nothing is launched`()
        async throws
    {
        let scratch = try Scratch()
        let config = try scratch.write(
            "run.yaml", "policy: {model: /tmp/nowhere}\nproblems: {source: jsonlines, path: words.jsonl}\n")
        let hosts = try scratch.write("hosts", "node1\nnode2\n")
        for (arguments, parts) in [
            (
                ["slurm", config, "--workers", "4", "--run", "/tmp/ponder-no-such-run"],
                ["there are no keys", "there is no /tmp/nowhere", "words.jsonl", "the run's folder"]
            ),
            (
                ["kubernetes", config, "--workers", "4", "--state", scratch.path("state")],
                [
                    "no pod sees policy.model: /tmp/nowhere",
                    "no pod sees problems.path: \(scratch.path("words.jsonl"))",
                ]
            ),
            (
                [
                    "ssh", config, "--run", scratch.path("run"), "--hosts", hosts, "--bind",
                    "tcp://10.0.0.1:5555",
                ],
                ["there are no keys", "there is no /tmp/nowhere", "words.jsonl"]
            ),
            (
                ["ssh", "--coordinator", "tcp://10.0.0.1:5555", "--hosts", hosts],
                ["would refuse to dial tcp://10.0.0.1:5555 without keys"]
            ),
        ] {
            let dry = try await PonderProcess.run(
                ["launch"] + arguments + ["--dry-run"], environment: ["PATH": "/nowhere"])
            #expect(dry.status == 0, "\(dry.errors)")
            let lines = dry.output.split(separator: "\n").map(String.init)
            #expect(lines[0] == "#!/bin/sh")
            #expect(
                lines[1...5].allSatisfy { $0.hasPrefix("# ") && !$0.hasPrefix("# WARNING") },
                "\(lines[1...5])")
            let warnings = lines.filter { $0.hasPrefix("# WARNING: ") }
            #expect(warnings.count == parts.count, "\(warnings)")
            for part in parts { #expect(warnings.contains { $0.contains(part) }, "\(part) in \(warnings)") }
            // The tool is there and would accept anything.
            for name in ["sbatch", "scontrol", "squeue", "scancel", "kubectl", "ssh"] {
                let file = try scratch.write(name, "#!/bin/sh\n")
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
            }
            let refused = try await PonderProcess.run(
                ["launch"] + arguments, environment: ["PATH": "\(scratch.path("")):/usr/bin:/bin"])
            #expect(refused.status == 2)
            #expect(refused.errors.contains(parts[0]) && refused.errors.contains("--accept-warnings"))
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.path("run")))
        #expect(!FileManager.default.fileExists(atPath: "/tmp/ponder-no-such-run"))
    }

    @Test func `what starts a coordinator and what names one do not go together`() async throws {
        let scratch = try Scratch()
        let hosts = try scratch.write("hosts", "localhost\n")
        for (arguments, part) in [
            (["--run", "r", "--coordinator", "tcp://127.0.0.1:5555"], "give one of them"),
            (["--steps", "3", "--coordinator", "tcp://127.0.0.1:5555"], "go with --run DIR"),
            ([], "--run DIR"),
            (["--run", "r", "--bind", "ipc:///tmp/x"], "names no TCP port"),
        ] {
            let outcome = try await PonderProcess.run(
                ["launch", "ssh", "--hosts", hosts, "--dry-run"] + arguments)
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains(part), "\(outcome.errors)")
        }
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
