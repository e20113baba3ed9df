import Foundation
import TestSupport
import Testing

@Suite struct ScoreTests {
    private func score(_ lines: [String], _ arguments: String...) async throws -> PonderProcess.Outcome {
        try await PonderProcess.run(
            ["score"] + (arguments.isEmpty ? ["--verifier", "number"] : arguments),
            input: lines.joined(separator: "\n") + "\n")
    }

    private static func verdict(_ correct: Bool, _ format: Bool?, _ undecided: Bool = false) -> String {
        #"{"correct":\#(correct),"credit":\#(correct ? 1.0 : 0.0),"#
            + #""format":\#(format.map { "\($0)" } ?? "null"),"undecided":\#(undecided)}"#
    }

    @Test func `each line gets one verdict, in order`() async throws {
        let outcome = try await score([
            #"{"response":"<think>6*7=42</think>42","expected":"42"}"#,
            #"{"response":"<think>6*7=42</think>41","expected":"42"}"#,
            #"{"response":"42","expected":"42"}"#,
            #"{"answer":"1,234.50","expected":1234.5}"#,
            #"{"answer":"43","expected":"42","response":null}"#,
            #"{"answer":"42","expected":"forty-two"}"#,
        ])
        #expect(outcome.status == 0)
        #expect(
            outcome.lines == [
                Self.verdict(true, true), Self.verdict(false, true), Self.verdict(false, false),
                Self.verdict(true, nil),
                Self.verdict(false, nil), Self.verdict(false, nil, true),
            ])
    }

    @Test func `a countdown's expectation is an object`() async throws {
        let goal = #"{"numbers":[7,3,5,2],"target":22,"use":"all"}"#
        let outcome = try await score(
            [#"{"answer":"(7-3)*5+2","expected":\#(goal)}"#, #"{"answer":"7*3+1","expected":\#(goal)}"#],
            "--verifier",
            "countdown", "--json")
        #expect(outcome.lines == [Self.verdict(true, nil), Self.verdict(false, nil)])
    }

    @Test func `a program of the user's gives credit in part, and is told the question`() async throws {
        let scratch = try Scratch()
        let program = try scratch.write(
            "verify.py",
            """
            import sys, json
            for line in sys.stdin:
                q = json.loads(line)
                print(json.dumps({"id": q["id"], "reward": q["metadata"].get("worth", len(q["question"]) / 8)}), flush=True)
            """)
        let lines = [
            #"{"answer":"1","expected":"1","question":"1+"}"#,
            #"{"answer":"1","expected":"1","metadata":{"worth":1}}"#,
            #"{"response":"no form","expected":"1","metadata":{"worth":1}}"#,
            #"{"response":"<think>t</think>1","expected":1,"metadata":{"worth":7}}"#, "bad",
        ]
        for command in [["python3", program], ["python3 \(program)"]] {
            let outcome = try await PonderProcess.run(
                ["score", "--verifier", "external", "--command"] + command + ["--json"],
                input: lines.joined(separator: "\n"))
            #expect(
                outcome.lines == [
                    #"{"correct":false,"credit":0.25,"format":null,"undecided":false}"#,
                    Self.verdict(true, nil), Self.verdict(false, false), Self.verdict(false, true, true),
                ])
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("line 5: is not a JSON object"))
        }
    }

    @Test(arguments: [
        (["--verifier", "external"], "give --command"),
        (["--verifier", "number", "--command", "cat"], "is the program of --verifier external"),
        (["--verifier", "external", "--command", "no-such-program-here"], "no no-such-program-here in PATH"),
    ])
    func `an external verifier without its program, and a program without it, end with 2`(
        _ arguments: [String], _ reason: String
    ) async throws {
        let outcome = try await PonderProcess.run(["score"] + arguments, input: "")
        #expect(outcome.status == 2 && outcome.errors.contains(reason), "\(outcome.errors)")
    }

    @Test func `an explained verdict shows what was judged, and by which rule it was found`() async throws {
        let outcome = try await score(
            [
                #"{"answer":"so $x$ is \\boxed{\\frac{2}{4}}","expected":"0.5"}"#,
                #"{"response":"<think>half</think>1/2 cup","expected":"0.5"}"#,
                #"{"response":"no thought","expected":"0.5"}"#,
            ], "--verifier", "math", "--explain")
        let read = [(#"\\frac{2}{4}"#, "boxed"), ("1/2 cup", "whole"), ("", "none")]
        let verdicts = [Self.verdict(true, nil), Self.verdict(true, true), Self.verdict(false, false)]
        #expect(
            outcome.lines
                == zip(verdicts, read).map { verdict, read in
                    String(verdict.dropLast()) + #","read":"\#(read.0)","rule":"\#(read.1)"}"#
                })
    }

    @Test func `tags of another language open and close a thought`() async throws {
        let outcome = try await score(
            [
                #"{"response":"<생각>셋</생각>서울","expected":"서울"}"#,
                #"{"response":"<think>three</think>서울","expected":"서울"}"#,
            ], "--verifier", "exact", "--open", "<생각>", "--close", "</생각>")
        #expect(outcome.lines == [Self.verdict(true, true), Self.verdict(false, false)])
    }

    @Test(arguments: [
        ("{", "is not a JSON object"), ("[]", "is not a JSON object"),
        (#"{"answer":"1"}"#, "expected is missing"),
        (#"{"expected":"1"}"#, "needs 'response' or 'answer'"),
        (#"{"answer":"1","response":"1","expected":"1"}"#, "both"),
        (#"{"answer":1,"expected":"1"}"#, "answer is 1, wanted a string"),
    ])
    func `a bad line is named, after the lines before it were answered`(_ line: String, _ reason: String)
        async throws
    {
        let good = #"{"answer":"1","expected":"1"}"#
        let outcome = try await score([good, good, line, good])
        #expect(outcome.status == 2)
        #expect(outcome.lines == [Self.verdict(true, nil), Self.verdict(true, nil)])
        #expect(outcome.errors.hasPrefix("ponder: standard input, line 3: "))
        #expect(outcome.errors.contains(reason))
    }

    @Test func `a line longer than the limit is refused, not held`() async throws {
        let outcome = try await score([String(repeating: "x", count: 17 << 20)])
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("line 1: longer than 16777216 bytes"))
    }

    @Test func `a last line without a line feed counts`() async throws {
        let outcome = try await PonderProcess.run(
            "score", "--verifier", "number", input: #"{"answer":"1","expected":"1"}"#)
        #expect(outcome.lines == [Self.verdict(true, nil)])
    }

    @Test func `an unknown verifier ends with 2 and the nearest name`() async throws {
        let outcome = try await score([], "--verifier", "numbr")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("did you mean 'number'"))
    }

    @Test func `tags that contain each other end with 2`() async throws {
        let outcome = try await score([], "--verifier", "number", "--open", "<t>", "--close", "<t>")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("prompt.close"))
    }

    @Test func `each line is answered before the next is asked for`() async throws {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = TestProgram.ponder
        process.arguments = ["score", "--verifier", "number"]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        defer { if process.isRunning { process.terminate() } }
        for answer in ["1", "2"] {
            try input.fileHandleForWriting.write(
                contentsOf: Data(#"{"answer":"\#(answer)","expected":"1"}"#.utf8 + [10]))
            let line = try await firstLine(of: output.fileHandleForReading)
            #expect(line == Self.verdict(answer == "1", nil))
        }
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    /// Waits at most ten seconds for one line.
    private func firstLine(of handle: FileHandle) async throws -> String {
        var wanted = pollfd(fd: handle.fileDescriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, 10_000) == 1 else {
            throw PonderProcess.Unusable(description: "no answer in 10 s")
        }
        return String(decoding: handle.availableData, as: UTF8.self).trimmingCharacters(in: .newlines)
    }
}
