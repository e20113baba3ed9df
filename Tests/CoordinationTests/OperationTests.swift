import Foundation
import Host
import RunStore
import Settings
import TestSupport
import Testing

@testable import Coordination
@testable import Service

/// How a run is ended, saved, logged and watched, with real processes.
@Suite(.serialized) struct OperationTests {
    private func prepare(
        _ scratch: Scratch, steps: Int = 200, _ change: (inout RunConfiguration) -> Void = { _ in }
    ) throws -> String {
        var configuration = try TinyRun.configuration(scratch)
        configuration.steps = steps
        configuration.checkpoint.every = 1_000_000
        change(&configuration)
        let file = scratch.url.appending(path: "run.yaml")
        try Data(configuration.yaml.utf8).write(to: file)
        return file.path
    }

    private func train(_ scratch: Scratch, _ file: String, _ more: [String] = [], wrapper: [String] = [])
        throws -> PonderProcess
    {
        try PonderProcess(
            scratch, wrapper: wrapper,
            ["train", file, "--run", scratch.run.path, "--workers", "1"] + more)
    }

    private func steps(_ scratch: Scratch) -> Int {
        (try? MetricsFile.read(RunDirectory(root: scratch.run)).last?.step) ?? 0
    }

    private func saved(_ scratch: Scratch) throws -> [Int] {
        try CheckpointStore(run: RunDirectory(root: scratch.run), keep: 1).list().map(\.step)
    }

    @Test(arguments: [SIGHUP, SIGUSR2])
    func `a terminal that closes and a job that is about to end save the run`(signal: Int32) async throws {
        let scratch = try Scratch()
        let train = try train(scratch, try prepare(scratch))
        try await PonderProcess.wait("step 2") { steps(scratch) >= 2 }
        kill(train.child.id, signal)
        // The shell passes the terminal's signal on a second time.
        if signal == SIGHUP { kill(train.child.id, signal) }
        #expect(await train.end() == .exited(5), "\(train.output)")
        let status = try RunStatus(of: RunDirectory(root: scratch.run))
        #expect(status.phase == "interrupted" && status.savedStep == status.step && status.unsavedSteps == 0)
    }

    @Test func `SIGHUP that is ignored at the start stays ignored`() async throws {
        let scratch = try Scratch()
        let train = try train(
            scratch, try prepare(scratch), wrapper: PonderProcess.shell("trap '' HUP"))
        try await PonderProcess.wait("step 1") { steps(scratch) >= 1 }
        kill(train.child.id, SIGHUP)
        let step = steps(scratch)
        try await PonderProcess.wait("another step") { steps(scratch) > step + 1 }
        kill(train.child.id, SIGTERM)
        #expect(await train.end() == .exited(5))
    }

    @Test func `SIGUSR1 saves and goes on, and the status says what a resume would cut`() async throws {
        let scratch = try Scratch()
        let train = try train(scratch, try prepare(scratch, steps: 100_000))
        try await PonderProcess.wait("step 2") { steps(scratch) >= 2 }
        kill(train.child.id, SIGUSR1)
        try await PonderProcess.wait("checkpoint") { try saved(scratch).count == 2 }
        let step = try saved(scratch)[0]
        try await PonderProcess.wait("more steps") { steps(scratch) >= step + 2 }
        kill(train.child.id, SIGKILL)
        _ = await train.end()
        #expect(train.output.contains("step \(step) is saved; the run goes on"))
        let status = try RunStatus(of: RunDirectory(root: scratch.run))
        #expect(status.phase == "killed" && status.savedStep == step)
        #expect(status.unsavedSteps == status.step - step)
        let resumed = try PonderProcess(
            scratch, ["train", "--run", scratch.run.path, "--workers", "1", "--steps", "\(step + 1)"])
        #expect(await resumed.end() == .exited(0))
        #expect(resumed.output.contains("recorded steps after step \(step) are not saved: they are cut"))
    }

    @Test func `a signal that comes before anything is open is kept, and saves the run at its start`()
        async throws
    {
        let scratch = try Scratch()
        let train = try train(scratch, try prepare(scratch))
        try await PonderProcess.wait("handler", within: 30) {
            let text = try? String(contentsOfFile: "/proc/\(train.child.id)/status", encoding: .utf8)
            let line = text?.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }?.dropFirst(7) ?? ""
            let mask = UInt64(line.trimmingCharacters(in: .whitespaces), radix: 16) ?? 0
            return mask & 1 << UInt64(SIGTERM - 1) != 0
        }
        kill(train.child.id, SIGTERM)
        #expect(await train.end() == .exited(5), "\(train.output)")
        #expect(try saved(scratch) == [0])
    }

    @Test func `standard error that nobody reads does not hold a run up`() async throws {
        let scratch = try Scratch()
        let pipe = scratch.url.appending(path: "pipe").path
        #expect(mkfifo(pipe, 0o600) == 0)
        let reader = open(pipe, O_RDWR | O_CLOEXEC)
        defer { close(reader) }
        var chunk = [UInt8](repeating: 10, count: 4096)
        PipeEnds.unblock(reader)
        while write(reader, &chunk, chunk.count) > 0 {}
        let train = try train(
            scratch, try prepare(scratch, steps: 3),
            wrapper: ["/bin/sh", "-c", "exec \"$0\" \"$@\" 2>'\(pipe)'"])
        #expect(await train.end(within: 120) == .exited(0))
        #expect(try train.result().steps == 3)
    }

    @Test func `a result that cannot be written is an error`() async throws {
        let scratch = try Scratch()
        let full = ["/bin/sh", "-c", "exec \"$0\" \"$@\" >/dev/full"]
        for arguments in [["train", "--print-config"], ["--help"], ["status", "--run", scratch.run.path]] {
            if arguments[0] == "status" {
                let run = try RunDirectory.prepare(at: scratch.run)
                try run.start(RunConfiguration(), identity: RunIdentity(created: Date()))
            }
            let process = try PonderProcess(scratch, wrapper: full, arguments)
            #expect(await process.end() == .exited(1), "\(arguments)")
            #expect(process.output.contains("ponder: standard output cannot be written: "))
        }
    }

    @Test(.disabled(if: getuid() != 0, "needs the right to unmount /proc"))
    func `without /proc a command says so`() async throws {
        let scratch = try Scratch()
        let process = try PonderProcess(
            scratch,
            wrapper: ["/usr/bin/unshare", "-m", "/bin/sh", "-c", "umount -l /proc && exec \"$0\" \"$@\""],
            ["doctor"])
        #expect(await process.end() == .exited(1))
        #expect(process.output.contains("/proc is not mounted"), "\(process.output)")
    }

    @Test(.disabled(if: getuid() != 0, "needs the right to make a process id namespace"))
    func `as process 1 of a container it reaps what it inherits`() async throws {
        let scratch = try Scratch()
        let nobody = "ipc://\(scratch.url.path)/nobody"
        let process = try PonderProcess(
            scratch,
            wrapper: [
                "/usr/bin/unshare", "-p", "-f", "--mount-proc", "--kill-child", "/bin/sh", "-c",
                "(sleep 0.3 & sleep 0.1 & sleep 0.2 &) & exec \"$0\" \"$@\"",
            ], ["worker", "--connect", nobody])
        defer { process.child.kill() }
        func children(_ id: pid_t) -> [pid_t] {
            let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task")) ?? []
            return tasks.flatMap { task in
                let text = try? String(contentsOfFile: "/proc/\(id)/task/\(task)/children", encoding: .utf8)
                return (text ?? "").split(separator: " ").compactMap { pid_t($0) }
            }
        }
        var first: pid_t = 0
        try await PonderProcess.wait("worker", within: 60) {
            first = children(process.child.id).first { PonderProcess.isWorker($0) } ?? 0
            return first > 0
        }
        // Four: the shell between and three sleepers. Each stays for ever when nobody reaps it.
        try await PonderProcess.wait("reaping", within: 20) { children(first).isEmpty }
    }

    @Test func `a port that is in use is worth another try`() async throws {
        let run = try ProcessRun()
        let first = try run.coordinator()
        try await PonderProcess.wait("port", within: 60) { first.output.contains("workers connect with") }
        let other = run.scratch.url.appending(path: "other").path
        let second = try PonderProcess(
            run.scratch,
            ["coordinator", run.file, "--bind", "tcp://127.0.0.1:\(run.port)", "--run", other])
        #expect(await second.end() == .exited(1))
        #expect(second.output.contains("port in use"))
        #expect(!FileManager.default.fileExists(atPath: other))
        kill(first.child.id, SIGTERM)
        #expect(await first.end() == .exited(5))
    }

    @Test func `a time limit saves the run, and the hook of the end is told`() async throws {
        let scratch = try Scratch()
        let told = scratch.url.appending(path: "told").path
        let file = try prepare(scratch, steps: 100_000) {
            $0.hooks.end = ["/bin/sh", "-c", "env >'\(told)'; exit 3"]
        }
        let train = try train(scratch, file, ["--time", "3s"])
        #expect(await train.end() == .exited(5), "\(train.output)")
        let status = try RunStatus(of: RunDirectory(root: scratch.run))
        #expect(status.savedStep == status.step)
        let facts = try String(contentsOfFile: told, encoding: .utf8)
        for fact in [
            "PONDER_EVENT=end", "PONDER_PHASE=interrupted", "PONDER_SAVED_STEP=\(status.step)",
            "PONDER_RUN=\(scratch.run.path)", "PONDER_STEPS=100000",
        ] { #expect(facts.contains("\(fact)\n"), "\(fact)") }
        #expect(train.output.contains("failed with exit code 3; the run does not depend on it"))
    }

    @Test func `a run goes on from the checkpoint that is chosen, to the same bits`() async throws {
        let scratch = try Scratch()
        let file = try prepare(scratch, steps: 4) { $0.checkpoint.every = 1 }
        let first = try train(scratch, file)
        #expect(await first.end() == .exited(0))
        #expect(try saved(scratch) == [4, 3, 2, 1, 0])
        let wrong = try PonderProcess(scratch, ["train", "--run", scratch.run.path, "--from-step", "9"])
        #expect(await wrong.end() == .exited(6))
        #expect(
            wrong.output.contains("does not exist; give one of the steps 4, 3, 2, 1, 0"), "\(wrong.output)")
        let again = try PonderProcess(
            scratch, ["train", "--run", scratch.run.path, "--workers", "1", "--from-step", "2"])
        #expect(await again.end() == .exited(0))
        #expect(try again.result().policySHA256 == first.result().policySHA256)
        #expect(again.output.contains("2 recorded steps after step 2 are not saved"))
        #expect(try saved(scratch) == [4, 3, 2, 1, 0])
        let names = try FileManager.default.contentsOfDirectory(
            atPath: scratch.run.appending(path: "checkpoints").path)
        #expect(!names.contains { $0.hasPrefix("later-") })
    }

    @Test func `an alarm runs its hook, one at a time, and a hook that hangs is stopped`() async throws {
        let scratch = try Scratch()
        let told = scratch.url.appending(path: "told").path
        var configuration = try TinyRun.configuration(scratch)
        configuration.hooks.timeout = 0.3
        configuration.hooks.alarm = [
            "/bin/sh", "-c", "echo \"$PONDER_EVENT $PONDER_KIND $PONDER_MESSAGE\" >>'\(told)'; exec sleep 60",
        ]
        let session = try RunSession.open(TinyRun.request(configuration, at: scratch.run))
        defer { session.abandon() }
        let said = Lines()
        let hooks = RunHooks(session) { said.add($0) }
        for number in 1...3 { hooks.alarm("checkpointFailed", "ALARM: \(number)") }
        try await PonderProcess.wait("both", within: 30) { said.all.count == 2 }
        #expect(said.all.allSatisfy { $0.contains("did not end within 0.3 s") }, "\(said.all)")
        let lines = try String(contentsOfFile: told, encoding: .utf8).split(separator: "\n")
        #expect(lines == ["alarm checkpointFailed ALARM: 1", "alarm checkpointFailed ALARM: 3"])
    }

    /// A library that takes the locks of files away from a program.
    private func withoutLocks(_ scratch: Scratch) async throws -> [String] {
        let source = scratch.url.appending(path: "locks.c")
        let library = scratch.url.appending(path: "locks.so").path
        try Data(
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <stdarg.h>
            int flock(int file, int operation) { errno = ENOSYS; return -1; }
            static int pass(const char *name, int file, int command, void *argument) {
                if (command == F_SETLK || command == F_SETLKW || command == F_GETLK) { errno = ENOSYS; return -1; }
                return ((int (*)(int, int, ...))dlsym(RTLD_NEXT, name))(file, command, argument);
            }
            #define REPLACED(name) int name(int file, int command, ...) { va_list list; va_start(list, command); \
                void *argument = va_arg(list, void *); va_end(list); return pass(#name, file, command, argument); }
            REPLACED(fcntl)
            REPLACED(fcntl64)
            """.utf8
        ).write(to: source)
        let made = try await TestProgram.run(
            URL(filePath: "/usr/bin/cc"), ["-shared", "-fPIC", "-o", library, source.path, "-ldl"])
        try #require(made.status == 0, "\(made.errors)")
        return ["/usr/bin/env", "LD_PRELOAD=\(library)"]
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/cc"), "needs a C compiler"))
    func `a file system without file locks is named as the cause, and status reads what is there`()
        async throws
    {
        let scratch = try Scratch()
        let wrapper = try await withoutLocks(scratch)
        let file = try prepare(scratch, steps: 1)
        let refused = try train(scratch, file, wrapper: wrapper)
        #expect(await refused.end() == .exited(1))
        #expect(
            refused.output.contains("this file system has no file locks: mount it with them"),
            "\(refused.output)")
        let train = try train(scratch, file)
        #expect(await train.end() == .exited(0))
        let status = try PonderProcess(scratch, wrapper: wrapper, ["status", "--run", scratch.run.path])
        #expect(await status.end() == .exited(0), "\(status.output)")
        #expect(status.output.contains("done  step 1 of 1"))
    }
}
