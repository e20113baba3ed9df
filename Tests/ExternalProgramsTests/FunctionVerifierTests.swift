import Foundation
import Reasoning
import Testing

@testable import ExternalPrograms

/// `Scripts/verifiers/function.py`, which makes a verifier of a Python function.
struct FunctionVerifierTests {
    private let programs: Programs

    init() throws {
        programs = try Programs()
        try programs.script(
            "my.py",
            """
            import os
            def equal(answer, expected):
                print("debug", answer)
                os.write(1, b"raw output\\n")
                return answer == expected
            def share(answer, metadata, **rest): return metadata["share"]
            def trl(completions, prompts, solution, **columns):
                return [1.0 if c == s else -1.0 for c, s in zip(completions, solution)]
            async def later(completions): return [0.5 for _ in completions]
            def none(answer): return None
            def large(answer): return 2
            def broken(answer): raise KeyError("nothing here")
            def odd(question): return 1
            """)
    }

    private func verdicts(_ words: String...) async throws -> [Verdict] {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Scripts/verifiers/function.py")
        var program = ExternalProgram(command: ["python3", script.path] + words)
        program.timeout = .seconds(20)
        let pool = try programs.pool(program)
        let questions = ["7", "8"].map {
            VerifierQuestion(
                question: "q", answer: Answer(direct: $0), expected: "7", metadata: #"{"share": 0.25}"#)
        }
        let verdicts = try await pool.verdicts(on: questions)
        await pool.close()
        return verdicts
    }

    private func my(_ name: String) -> String { "\(programs.path("my.py")):\(name)" }

    @Test func `a plain function judges, and what it prints is log`() async throws {
        #expect(try await verdicts(my("equal")) == [.correct, .wrong])
        #expect(programs.log.contains { $0.hasSuffix("debug 7") })
        #expect(programs.log.contains { $0.hasSuffix("raw output") })
    }

    @Test func `functions are called with what they name, one by one or as for TRL`() async throws {
        let quarter = try #require(Verdict(credit: 0.25)), half = try #require(Verdict(credit: 0.5))
        #expect(try await verdicts(my("share")) == [quarter, quarter])
        #expect(try await verdicts(my("trl"), "--range", "-1", "1") == [.correct, .wrong])
        #expect(try await verdicts(my("later")) == [half, half])
        #expect(try await verdicts(my("none")) == [.undecided, .undecided])
    }

    @Test(arguments: [("large", "give --range LOW HIGH"), ("broken", "nothing here")])
    func `a value out of range and an error are undecided, with the reason`(name: String, reason: String)
        async throws
    {
        #expect(try await verdicts(my(name)) == [.undecided, .undecided])
        #expect(programs.log.contains { $0.contains(reason) })
    }

    @Test(arguments: [
        ("nobody", "has no function 'nobody'; it has equal, share"),
        ("odd", "it must take 'answer' or 'completions'"),
    ])
    func `a function that cannot be called judges nothing, and the reason is told`(
        name: String, reason: String
    ) async throws {
        // Each answer is tried three times, and the program is given up after five starts: either may come first.
        do {
            #expect(try await verdicts(my(name)) == [.undecided, .undecided])
        } catch let error as ExternalProgramError {
            #expect(error.reason.contains("no verdict in 5 starts"))
        }
        #expect(programs.log.contains { $0.contains(reason) })
    }
}
