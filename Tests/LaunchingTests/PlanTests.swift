import Foundation
import Testing

@testable import Launching

@Suite struct PlanTests {
    /// The templates of the repository.
    static let files = DeployFiles(
        folder: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/ponder/Resources/deploy"))

    private func ssh(_ program: SSHLaunch.Program, detached: Bool = false) -> SSHLaunch {
        var launch = SSHLaunch(
            id: "ssh-20261124-142600-3f9a",
            shares: [.init(host: "me@a", workers: 2), .init(host: "b", workers: 1)],
            coordinator: "tcp://10.0.0.1:5555", program: program)
        launch.isDetached = detached
        return launch
    }

    /// Whether a shell can read it.
    private func reads(_ script: String, with shell: String = "sh") async throws -> Bool {
        try await ScriptRun.output(of: "\(shell) -n \(ShellText.document(script))").code == 0
    }

    @Test(arguments: [
        SSHLaunch.Program.found, .path("/opt/it's here/ponder"),
        .copied(program: "/x/ponder", shim: "/x/libPonderTorch.so"),
    ])
    func `a dry run of ssh is a script with every worker in it`(_ program: SSHLaunch.Program) async throws {
        for isDetached in [false, true] {
            let script = ssh(program, detached: isDetached).dryRun
            #expect(try await reads(script))
            for name in ["a-1-3f9a", "a-2-3f9a", "b-1-3f9a"] { #expect(script.contains("launch \(name)")) }
            for word in ["ssh -a ", "BatchMode=yes", "ConnectTimeout=10", " me@a ", "tcp://10.0.0.1:5555"] {
                #expect(script.contains(word), "\(word)")
            }
            #expect(script.contains("nohup") == isDetached)
        }
    }

    @Test func `what one host runs is part of the dry run`() {
        let launch = ssh(.found)
        for share in launch.shares { #expect(launch.dryRun.contains(launch.script(for: share))) }
    }

    @Test func `a dry run of slurm holds the templates whole and submits workers after their coordinator`()
        async throws
    {
        var launch = SlurmLaunch(run: "/shared/runs/it's", workers: 8)
        launch.coordinatorArguments = ["/etc/config.yaml", "--steps", "9"]
        launch.options = ["--partition=low"]
        let script = try launch.script(Self.files)
        #expect(try await reads(script))
        for name in ["slurm/coordinator.sbatch", "slurm/workers.sbatch"] {
            let text = try Self.files.text(name)
            #expect(script.contains(text))
            #expect(try await reads(text, with: "bash"))
        }
        #expect(script.contains("--array=0-7 --partition=low --dependency=after:\"$coordinator\""))
        #expect(script.contains("\"$folder/coordinator.sbatch\" /etc/config.yaml --steps 9"))
        launch.isWorkersOnly = true
        let more = try launch.script(Self.files)
        #expect(try await reads(more))
        // The run's coordinator lives: its address stays.
        #expect(!more.contains("rm -f") && !more.contains("coordinator.sbatch"))
    }

    @Test func `jobs and pods ask for what the model and its threads need`() throws {
        let small = LaunchNeeds(
            LaunchNeeds.Model(parameters: 1_000_000, layers: 4, hidden: 128, vocabulary: 64, cacheWidth: 128),
            LaunchNeeds.Work(
                learnerThreads: 2, workerThreads: 1, weightBytes: 4, learnerTokens: 2048, rows: 64,
                length: 608))
        #expect(small.coordinator.processors == 3 && small.worker.processors == 1)
        #expect((640...1000).contains(small.coordinator.memory) && (512...1000).contains(small.worker.memory))
        // Qwen2.5 0.5B in bf16: 0.99 GB of weights.
        let large = LaunchNeeds(
            LaunchNeeds.Model(
                parameters: 494_000_000, layers: 24, hidden: 896, vocabulary: 151_936, cacheWidth: 128),
            LaunchNeeds.Work(
                learnerThreads: 16, workerThreads: 8, weightBytes: 2, learnerTokens: 2048, rows: 64,
                length: 1536))
        #expect(large.coordinator.processors == 17 && large.worker.processors == 8)
        #expect(large.coordinator.memory > 16_000 && large.worker.memory > 3_300)
        var slurm = SlurmLaunch(run: "/shared/r", workers: 2)
        slurm.needs = large
        let script = try slurm.script(Self.files)
        #expect(script.contains("--cpus-per-task=17 --mem=\(large.coordinator.memory)M"))
        #expect(script.contains("--cpus-per-task=8 --mem=\(large.worker.memory)M --array=0-1"))
        for overlay in [nil, KubernetesLaunch.Overlay.indexedJob] {
            var pods = KubernetesLaunch(folder: "/tmp/x", workers: 2)
            pods.needs = large
            pods.overlay = overlay
            let text = try pods.script(Self.files)
            #expect(text.contains("requests: { cpu: \"17\", memory: \(large.coordinator.memory)Mi }"))
            #expect(text.contains("requests: { cpu: \"8\", memory: \(large.worker.memory)Mi }"))
            #expect(
                text.contains(
                    "target: { kind: \(overlay == nil ? "Deployment" : "Job"), name: ponder-worker }"))
        }
    }

    @Test func `a script begins with its summary and a line for each warning, which refuse a launch`() throws
    {
        var launch = SlurmLaunch(run: "/shared/r", workers: 2)
        launch.summary = LaunchSummary(["one", "two\nlines"])
        #expect(throws: Never.self) { try launch.summary.requireNoWarning() }
        launch.summary.warnings = ["no keys", "no model"]
        let script = try launch.script(Self.files)
        #expect(
            script.hasPrefix(
                "#!/bin/sh\n# one\n# two lines\n# WARNING: no keys\n# WARNING: no model\nset -eu\n"))
        let error = #expect(throws: LaunchError.self) { try launch.summary.requireNoWarning() }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("no keys; no model") == true)
    }

    @Test func `a coordinator that starts here and keys that hosts are given are part of the dry run`()
        async throws
    {
        var launch = ssh(.copied(program: "/x/ponder", shim: "/x/libPonderTorch.so"))
        launch.keys = "/home/it's me/keys"
        for isDetached in [false, true] {
            launch.isDetached = isDetached
            var local = LocalCoordinator(program: "/opt/ponder", bind: "tcp://*:5555", run: "/runs/it's")
            local.arguments = ["/etc/run.yaml", "--keys", "/home/it's me/keys"]
            local.isDetached = isDetached
            launch.local = local
            let script = launch.dryRun
            #expect(try await reads(script))
            #expect(try await reads(local.script))
            #expect(script.contains(local.script))
            #expect(script.contains("--bind 'tcp://*:5555' --run '/runs/it'\\''s'"))
            #expect(script.contains("-cf - coordinator.pub worker.key worker.pub"))
            #expect(script.contains("--keys \"$HOME/$keys\""))
        }
    }

    @Test func `paths that other machines do not have are told from those that they may have`() {
        for path in ["/tmp/x", "/var/tmp/x", "/run/x", "/dev/shm/x"] {
            #expect(FarPath.isLocal(path), "\(path)")
        }
        for path in ["/shared/x", "/tmpx", "/home/me/x"] { #expect(!FarPath.isLocal(path), "\(path)") }
        for path in ["data/words.jsonl", "/tmp/model", "/home/me/model", #filePath] {
            #expect(FarPath.isOutsideContainers(path), "\(path)")
        }
        #expect(!FarPath.isOutsideContainers("/models/qwen-of-the-image"))
    }

    @Test func `job numbers are read also with a cluster's name behind them`() {
        let jobs = SlurmLaunch.jobs(in: [
            "sbatch: hello", "@ponder job coordinator 12", "@ponder job workers 13",
        ])
        #expect(jobs.coordinator == "12" && jobs.workers == "13")
    }

    @Test func `the end of slurm jobs leaves other workers of the run alone`() async throws {
        let whole = SlurmLaunch.stopScript(coordinator: "1", workers: "2", folder: "/r/launch", grace: 3)
        let part = SlurmLaunch.stopScript(coordinator: nil, workers: "2", folder: "/r/launch", grace: 3)
        #expect(try await reads(whole))
        #expect(try await reads(part))
        #expect(whole.contains("touch /r/launch/stop") && !part.contains("touch"))
    }

    @Test(arguments: [nil, KubernetesLaunch.Overlay.indexedJob])
    func `a dry run of kubernetes holds every file that it applies`(_ overlay: KubernetesLaunch.Overlay?)
        async throws
    {
        var launch = KubernetesLaunch(folder: "/tmp/x", workers: 5)
        launch.overlay = overlay
        launch.configuration = "steps: 7\n"
        let script = try launch.script(Self.files)
        #expect(try await reads(script))
        let folders = ["kubernetes/base"] + (overlay.map { ["kubernetes/overlays/\($0.rawValue)"] } ?? [])
        for file in try folders.flatMap({ try Self.files.texts(in: $0) })
        where !file.name.hasSuffix("config.yaml") {
            #expect(script.contains(file.text), "\(file.name)")
        }
        #expect(script.contains("steps: 7\n") && script.contains("kubectl apply -k"))
        #expect(script.contains(overlay == .indexedJob ? "/spec/completions, value: 5" : "count: 5"))
    }

    @Test func `images are taken apart at the right colon`() throws {
        var launch = KubernetesLaunch(folder: "/tmp/x", workers: 1)
        for (image, lines) in [
            ("reg:5000/team/ponder", ["newName: reg:5000/team/ponder\n", "newTag: \"latest\""]),
            ("reg:5000/ponder:1.2", ["newName: reg:5000/ponder\n", "newTag: \"1.2\""]),
            ("ponder@sha256:ab", ["newName: ponder\n", "digest: sha256:ab"]),
        ] {
            launch.image = image
            let script = try launch.script(Self.files)
            for line in lines { #expect(script.contains(line), "\(image)") }
        }
        launch.image = "x\ny: z"
        #expect(throws: LaunchError.self) { try launch.script(Self.files) }
    }

    @Test func `a launch is found again as it was recorded, and a damaged record is named`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ponder-launch-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = LaunchStore(folder)
        #expect(try store.records().isEmpty)
        let time = Date(timeIntervalSince1970: 1_700_000_000)
        let worker = FarWorker(host: "a", name: "a-1", process: 12, start: 34, boot: "b")
        let records = [
            LaunchRecord(id: "a", started: time, launched: .ssh(workers: [worker])),
            LaunchRecord(
                id: "b", started: time + 1,
                launched: .slurm(coordinator: nil, workers: "13", folder: "/x/launch")),
            LaunchRecord(
                id: "c", started: time + 2, launched: .kubernetes(namespace: "ponder", context: nil)),
        ]
        for record in records.reversed() { try store.save(record) }
        #expect(try store.records() == records)
        try store.remove("b")
        #expect(try store.records().map(\.id) == ["a", "c"])
        try Data("{".utf8).write(to: folder.appending(path: "d.json"))
        let error = #expect(throws: LaunchError.self) { try store.records() }
        #expect(error?.description.contains("d.json is no launch record") == true)
    }

    @Test func `names of launches differ and say when`() {
        let time = Date(timeIntervalSince1970: 1_700_000_000)
        #expect(LaunchRecord.newID("ssh", now: time, random: 0x3f) == "ssh-20231114-221320-003f")
    }
}
