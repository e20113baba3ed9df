import ExternalPrograms
import Foundation
import Reasoning
import Testing

@Suite(.serialized) struct VerifierPoolTests {
    private let programs: Programs

    init() throws { programs = try Programs() }

    private func verdicts(_ program: ExternalProgram, _ range: Range<Int>) async throws -> [Verdict] {
        let pool = try programs.pool(program)
        let verdicts = try await pool.verdicts(on: VerifierQuestion.numbers(range))
        await pool.close()
        return verdicts
    }

    /// The verdicts of sound numbers, undecided for the others.
    private func expected(_ range: Range<Int>, bad: (Int) -> Bool = { _ in false }) -> [Verdict] {
        range.map { bad($0) ? .undecided : .ofNumber($0) }
    }

    @Test func `every answer gets its own verdict, and processes are started once`() async throws {
        let pool = try programs.pool(try programs.python())
        for start in [0, 100, 200] {
            let range = start..<(start + 100)
            #expect(try await pool.verdicts(on: VerifierQuestion.numbers(range)) == expected(range))
        }
        #expect(try await pool.verdicts(on: []).isEmpty)
        #expect(pool.figures.starts == 2 && pool.figures.undecided == 0)
        await pool.close()
        #expect(programs.log.isEmpty)
    }

    @Test func `answers that come back out of order land where they belong`() async throws {
        // Holds up to five answers and gives their verdicts backwards, the rest when nothing more comes.
        let path = try programs.script(
            "backwards.py",
            """
            import json, os, select
            held, text = [], b""
            def flush():
                while held:
                    q = held.pop()
                    line = json.dumps({"id": q["id"], "reward": int(q["answer"]) % 10 / 10}) + "\\n"
                    os.write(1, line.encode())
            while True:
                if not select.select([0], [], [], 0.05)[0]:
                    flush()
                    continue
                chunk = os.read(0, 65536)
                if not chunk: break
                *lines, text = (text + chunk).split(b"\\n")
                for line in lines:
                    held.append(json.loads(line))
                    if len(held) == 5: flush()
            """)
        #expect(
            try await verdicts(ExternalProgram(command: ["python3", path]), 0..<203) == expected(0..<203))
        #expect(programs.log.isEmpty)
    }

    @Test func `an answer that hangs costs only itself`() async throws {
        var program = try programs.python("if a % 7 == 3: time.sleep(1000)")
        program.timeout = .seconds(2)
        #expect(try await verdicts(program, 0..<24) == expected(0..<24) { $0 % 7 == 3 })
        #expect(
            programs.log.contains { $0.contains("without a verdict") && $0.contains("'17' is undecided") })
    }

    @Test(arguments: [
        (
            "reply(q['id'], score=1)",
            "says nothing of the answer and has \"score\": give \"reward\" from 0 to 1"
        ),
        ("reply(q['id'])", "says nothing of the answer: give"), ("reply(None, reward=1)", "needs the \"id\""),
        ("print('{}', flush=True)", "needs the \"id\""),
        ("[print('x', flush=True) for _ in iter(int, 1)]", "more than 1000 lines that are no verdict"),
        ("reply('nobody', correct=True)", "nobody asked for"),
        ("reply(q['id'], reward=2.0)", "not within 0...1"),
        ("reply(q['id'], reward=-0.1)", "not within 0...1"),
        ("reply(q['id'], reward=float('nan'))", "no verdict"),
        ("reply(q['id'], reward=float('inf'))", "no verdict"), ("reply(q['id'], reward='1')", "no verdict"),
        ("reply(q['id'], reward=1, correct=True)", "several things"),
        ("reply(int(q['id']), reward=1)", "no verdict"),
        ("print('x' * 100000, flush=True)", "line of more than"),
        ("[sys.stdout.write('x' * 4096) for _ in iter(int, 1)]", "line of more than"),
        ("os._exit(7)", "exit code 7"), ("os.kill(os.getpid(), 11)", "signal 11"),
        ("sys.stderr.write('so sorry'); os._exit(1)", "exit code 1"),
    ])
    func `an answer over which the program dies or babbles costs only itself`(
        _ line: String, _ reason: String
    )
        async throws
    {
        let program = try programs.python("if a == 5: \(line)")
        #expect(try await verdicts(program, 0..<12) == expected(0..<12) { $0 == 5 })
        #expect(programs.log.contains { $0.contains(reason) }, "\(programs.log)")
        #expect(programs.log.contains { $0.contains("the answer '5' is undecided") })
    }

    @Test func `lines that are no JSON objects are passed on and cost nothing`() async throws {
        let program = try programs.python("print('debug', a); print([a]); print({'a': a}); print('')")
        #expect(try await verdicts(program, 0..<12) == expected(0..<12))
        #expect(programs.log.contains("external verifier says: debug 7"))
        #expect(programs.log.contains("external verifier says: {'a': 7}"))
    }

    @Test func `a program may say that it cannot tell`() async throws {
        let program = try programs.python("if a % 5 == 2:\n    reply(q['id'], undecided=True)\n    continue")
        #expect(try await verdicts(program, 0..<12) == expected(0..<12) { $0 % 5 == 2 })
        #expect(programs.log.isEmpty)
    }

    @Test func `a program that says everything twice still gives every verdict`() async throws {
        let program = try programs.python("reply(q['id'], reward=a % 10 / 10)")
        #expect(try await verdicts(program, 0..<12) == expected(0..<12))
        #expect(programs.log.contains { $0.contains("was answered before") })
    }

    @Test func `a program that ends after a few answers is started again`() async throws {
        let program = try programs.python("if count == 6: os._exit(0)")
        #expect(try await verdicts(program, 0..<40) == expected(0..<40))
    }

    @Test func `a program that takes more memory than it may is stopped`() async throws {
        var program = try programs.python("if a == 5: hoard = bytearray(1 << 30)")
        program.memory = 400
        #expect(try await verdicts(program, 0..<12) == expected(0..<12) { $0 == 5 })
        #expect(programs.log.contains { $0.contains("MemoryError") })
    }

    @Test(arguments: ["import nothing_of_that_name", "sys.exit(3)", "print('welcome')"])
    func `a program that never works is said so, with its own words`(_ first: String) async throws {
        let path = try programs.script("broken.py", "import sys\n\(first)\n")
        let error = await #expect(throws: ExternalProgramError.self) {
            _ = try await verdicts(ExternalProgram(command: ["python3", path]), 0..<20)
        }
        let text = "\(try #require(error))"
        #expect(text.contains("no verdict in 5 starts") && text.contains("broken.py"))
        if first.hasPrefix("import") { #expect(text.contains("No module named")) }
    }

    @Test func `a program that never answers is said so`() async throws {
        var program = ExternalProgram(command: ["sleep", "1000"])
        (program.timeout, program.startup) = (.milliseconds(50), .milliseconds(50))
        let error = await #expect(throws: ExternalProgramError.self) {
            _ = try await verdicts(program, 0..<20)
        }
        #expect(error?.reason.contains("without a verdict") == true)
    }

    @Test func `standard error is passed on, up to a bound`() async throws {
        let program = try programs.python("sys.stderr.write(('y' * 99 + '\\n') * 2000); sys.stderr.flush()")
        #expect(try await verdicts(program, 0..<12) == expected(0..<12))
        let bytes = programs.log.reduce(0) { $0 + $1.utf8.count }
        #expect(bytes > 1 << 20 && bytes < 2 << 20)
        #expect(programs.log.count { $0.contains("the rest is left out") } == 1)
    }

    @Test func `a program that closes its standard error is judged by what it answers`() async throws {
        let program = try programs.python("if count == 1: os.close(2)")
        #expect(try await verdicts(program, 0..<12) == expected(0..<12))
    }

    @Test func `long answers pass while verdicts flow back`() async throws {
        let pool = try programs.pool(try programs.python())
        let questions = (0..<40).map {
            VerifierQuestion(
                question: String(repeating: "가\u{2028}\"\n", count: 20_000), answer: Answer(direct: "\($0)"),
                expected: "\u{0}\u{85}", metadata: #"{"a":[1]}"#)
        }
        #expect(try await pool.verdicts(on: questions) == expected(0..<40))
        await pool.close()
    }

    @Test func `what is asked is one line of JSON whatever is in it`() async throws {
        let path = try programs.script(
            "echo.py",
            """
            import sys, json
            for line in sys.stdin:
                q = json.loads(line)
                right = q["question"] == "a\\n\\u2028\\"" and q["expected"] == "\\u0000" and q["metadata"] == {"n": [1]}
                print(json.dumps({"id": q["id"], "correct": right and len(q) == 5, "why": "more keys are fine"}), flush=True)
            """)
        let pool = try programs.pool(ExternalProgram(command: ["python3", path]))
        let question = VerifierQuestion(
            question: "a\n\u{2028}\"", answer: Answer(direct: "7"), expected: "\u{0}", metadata: #"{"n":[1]}"#
        )
        #expect(try await pool.verdicts(on: [question]) == [.correct])
        #expect(try pool.waitForVerdicts(on: [question, question]) == [.correct, .correct])
        await pool.close()
    }

    @Test func `nothing is left running when a pool closes, not even what the program started`() async throws
    {
        let pids = programs.path("pids")
        let program = try programs.python(
            """
            import subprocess
            child = subprocess.Popen(["sleep", "1000"])
            with open('\(pids)', 'a') as f: f.write(f"{os.getpid()}\\n{child.pid}\\n")
            if a == 3: time.sleep(1000)
            """)
        let pool = try programs.pool(program)
        let asked = Task { try await pool.verdicts(on: VerifierQuestion.numbers(0..<4)) }
        #expect(try await Programs.eventually { programs.processes(in: "pids").count >= 8 })
        await pool.close()
        await #expect(throws: ExternalProgramError.self) { _ = try await asked.value }
        await #expect(throws: ExternalProgramError.self) {
            _ = try await pool.verdicts(on: VerifierQuestion.numbers(0..<1))
        }
        let left = programs.processes(in: "pids")
        #expect(try await Programs.eventually { !left.contains(where: Programs.isRunning) })
    }

    @Test func `nothing is left running when its parent is killed with -9`() async throws {
        // Deaf to its standard input: only the watcher can end it.
        let pids = programs.path("pids")
        let program = try programs.python(
            """
            with open('\(pids)', 'a') as f: f.write(f"{os.getpid()}\\n")
            while True: time.sleep(1000)
            """)
        let command = program.command
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [command = command as [String], pids = pids as String] in
            let pool = try VerifierPool(ExternalProgram(command: command), log: { _ in })
            Task { try await pool.verdicts(on: VerifierQuestion.numbers(0..<4)) }
            while ((try? String(contentsOfFile: pids, encoding: .utf8)) ?? "").split(separator: "\n").count
                < 2
            {
                try await Task.sleep(for: .milliseconds(5))
            }
            kill(getpid(), SIGKILL)
        }
        let left = programs.processes(in: "pids")
        #expect(left.count >= 2)
        #expect(try await Programs.eventually { !left.contains(where: Programs.isRunning) })
    }
}
