import BuiltInVerifiers
import ExternalPrograms
import Foundation
import StrictConfiguration
import Testing

@testable import Reasoning

struct JSONLinesSourceTests {
    private func set(
        _ text: String, verifier: any Verifier = NumberVerifier(), options: LineOptions = LineOptions()
    ) throws -> ProblemSet {
        try ProblemSet(
            contents: Array(text.utf8), file: "p.jsonl", verifiers: VerifierSet(verifier), options: options)
    }

    private func source(
        _ text: String, seed: UInt64 = 1, holdingOut rule: JSONLinesSource.HoldingOut = .first(nil)
    ) throws -> JSONLinesSource {
        try JSONLinesSource(set(text), seed: seed, holdingOut: rule)
    }

    private func many(_ count: Int) -> String {
        (0..<count).map { #"{"question":"\#($0)+1=?","expected":"\#($0 + 1)"}"# }.joined(separator: "\n")
    }

    @Test func `all spellings of a line are read`() throws {
        let set = try set(
            """
            {"question":"a","expected":"1"}
            {"question":"b","answer":2,"id":"two","difficulty":3}

            {"question":"c","expected":-0.10}\r
            {"question":"d","answer":"1,234"}
            {"question":"e","expected":1606938044258990275541962092341162602522202993782792835301376}
            """)
        let problems = set.problems.sorted { $0.question < $1.question }
        #expect(
            problems.map(\.expected) == [
                "1", "2", "-0.1", "1,234", "1606938044258990275541962092341162602522202993782792835301376",
            ])
        #expect(problems[1] == Problem(id: "two", question: "b", expected: "2", difficulty: 3))
        #expect(Set(problems.map(\.id)).count == 5)
    }

    @Test func `metadata is any object, kept as one line`() throws {
        let line = #"{"question":"a","expected":"1","metadata":{"b":[1, 2.5,null,true],"a":{"가":"\u00e9/"}}}"#
        #expect(
            try set(line + "\n" + many(9)).problems.first?.metadata
                == #"{"a":{"가":"é/"},"b":[1,2.5,null,true]}"#)
        for bad in ["[1]", "\"text\"", "7", "{\"a\":\"\(String(repeating: "x", count: 70_000))\"}"] {
            #expect(throws: ProblemSourceError.self) {
                try set(#"{"question":"a","expected":"1","metadata":\#(bad)}"#)
            }
        }
    }

    @Test func `a line may name its verifier, which must be able to read what it expects`() throws {
        func read(_ lines: String, _ fields: ProblemFields = ProblemFields()) throws -> [Problem] {
            var options = LineOptions()
            options.fields = fields
            return try ProblemSet(
                contents: Array((lines + "\n" + many(9)).utf8), file: "p.jsonl",
                verifiers: VerifierSet(NumberVerifier(), others: Verifiers.all + [ExternalVerifier()]),
                options: options
            ).problems
        }
        let line = #"{"question":"a","expected":"B","verifier":"choice"}"#
        #expect(try read(line).first { $0.question == "a" }?.verifier == "choice")
        #expect(try read(line).first { $0.question == "3+1=?" }?.verifier == nil)
        for (bad, reason) in [
            (
                #"{"question":"a","expected":"B","verifier":"chioce"}"#,
                "p.jsonl:1: there is no verifier 'chioce'; did you mean 'choice'?"
            ),
            (#"{"question":"a","expected":"B","verifier":"nubmer-x"}"#, "problems.fields.verifier"),
            (#"{"question":"a","expected":"fifty","verifier":"choice"}"#, "verifier 'choice' cannot read"),
            (#"{"question":"a","expected":"1","verifier":7}"#, "verifier"),
            (#"{"question":"a","expected":"1","verifier":"external"}"#, "set verifier.command"),
        ] {
            #expect { try read(bad) } throws: { "\($0)".contains(reason) }
        }
        var fields = ProblemFields()
        fields.verifier = "rule"
        #expect(throws: ProblemSourceError.self) { try read(line, fields) }
    }

    @Test(arguments: [("id", 256), ("question", 64 << 10), ("expected", 64 << 10)])
    func `a problem that is too large to be sent is refused with its line`(_ field: String, _ limit: Int)
        throws
    {
        for (count, isFine) in [(limit, true), (limit + 1, false)] {
            var line = ["id": "one", "question": "1+0=?", "expected": "1"]
            line[field] = String(repeating: "7", count: count)
            let text = many(9) + "\n" + String(decoding: try JSONEncoder().encode(line), as: UTF8.self)
            if isFine {
                _ = try set(text, verifier: ExactVerifier())
            } else {
                let error = #expect(throws: ProblemSourceError.self) {
                    try set(text, verifier: ExactVerifier())
                }
                #expect("\(try #require(error))".contains("p.jsonl:10: its "))
                #expect("\(try #require(error))".contains("has \(count) bytes; at most \(limit)"))
            }
        }
    }

    @Test func `a countdown goal may be an object or its text`() throws {
        let set = try set(
            #"{"question":"a","expected":{"numbers":[3,5,7],"target":22,"use":"all"}}"# + "\n"
                + #"{"question":"b","expected":"{\"numbers\":[1],\"target\":1}"}"#,
            verifier: CountdownVerifier())
        let problems = set.problems.sorted { $0.question < $1.question }
        #expect(problems[0].expected == #"{"numbers":[3,5,7],"target":22,"use":"all"}"#)
        #expect(problems[1].expected == #"{"numbers":[1],"target":1}"#)
    }

    @Test(arguments: [
        ("not JSON", "is not a JSON object"), ("[1]", "is not a JSON object"), ("1", "is not a JSON object"),
        (#"{"expected":"1"}"#, "'question' is missing"),
        (#"{"question":"b"}"#, "needs either"), (#"{"question":"b","expected":"1","answer":"1"}"#, "has 2"),
        (#"{"question":" ","expected":"1"}"#, "blank"),
        (#"{"question":"b","expected":"one"}"#, "cannot read"),
        (#"{"question":"b","expected":null}"#, "expected is null, wanted a text, a number"),
        (#"{"question":7,"expected":"1"}"#, "question is 7, wanted a text or a list of chat messages"),
        (#"{"question":[],"expected":"1"}"#, "question has no message whose role is user"),
        (#"{"question":[{"role":"user"}],"expected":"1"}"#, "question[0].content is missing"),
        (
            #"{"question":[{"role":"user","content":[{"type":"image"}]}],"expected":"1"}"#,
            #"question[0].content[0].type is "image", wanted text"#
        ),
        (#"{"question":"b","expected":[]}"#, "expected is an empty list"),
        (#"{"question":"b","expected":["1",null]}"#, "expected[1] is null"),
        (#"{"question":"b","expected":{"target":"1"}}"#, "problems.fields.answer: 'expected.target'"),
        (#"{"question":"b","expected":"a\u001eb"}"#, "control character U+001E"),
        (#"{"qestion":"b","expected":"1"}"#, "it has 'expected', 'qestion': did you mean 'qestion'?"),
        (#"{"question":"b","solution":"1"}"#, "set problems.fields.answer to the one to use"),
        (#"{"question":"b","expected":true}"#, "cannot read the expected answer"),
        (#"{"question":"b","expected":"1""#, "is not a JSON"),
        (#"{"question":"a","expected":"2"}"#, "line 1 again"),
        (#"{"question":"b","expected":"2","id":"x"}"#, "line 1"),
        (
            #"{"question":"b","expected":"2","difficulty":"hard"}"#,
            "difficulty is \"hard\", wanted a whole number"
        ),
        ("\u{1}", "is not a JSON object"),
    ])
    func `a bad line is named with its number`(line: String, reason: String) {
        let text = #"{"question":"a","expected":"1","id":"x"}"# + "\n\n" + line
        #expect { try set(text) } throws: { error in
            let text = "\(error)"
            return text.hasPrefix("p.jsonl:3: ") && text.contains(reason)
                && text.contains("problems.skipInvalid")
        }
    }

    @Test func `what else a line has is ignored`() throws {
        let set = try set(#"{"question":"b","expected":"1","source":"book","tags":["x",{"y":null}]}"#)
        #expect(set.problems.map(\.question) == ["b"])
    }

    @Test func `the first 20 bad lines are named and all are counted`() throws {
        let bad = (0..<25).map { #"{"question":"bad \#($0)"}"# }.joined(separator: "\n")
        let text = many(10) + "\n" + bad
        #expect { try self.set(text) } throws: { error in
            let lines = "\(error)".split(separator: "\n")
            return lines.count == 22 && lines[0].hasPrefix("p.jsonl:11: ")
                && lines[19].hasPrefix("p.jsonl:30: ")
                && lines[20] == "… and 5 more" && lines[21].contains("these 25 lines")
        }
        var options = LineOptions()
        options.skipInvalid = true
        let set = try set(text, options: options)
        #expect(set.problems.count == 10 && set.skipped?.count == 25)
        #expect(set.remarks.count == 1 && set.remarks[0].contains("p.jsonl:11: "))
        #expect {
            try self.set(bad, options: options)
        } throws: { "\($0)".contains("all 25 lines are invalid") }
    }

    @Test func `parts may have other names, and a name that is chosen must be there`() throws {
        var options = LineOptions()
        options.fields = try ProblemFields {
            $0.question = "prompt"
            $0.answer = "gold"
            $0.id = "key"
            $0.difficulty = "level"
        }
        func read(_ line: String) throws -> Problem? {
            try set(line, options: options).problems.first
        }
        #expect(
            try read(#"{"prompt":"b","gold":7,"key":12,"level":3,"question":"c"}"#)
                == Problem(id: "12", question: "b", expected: "7", difficulty: 3))
        #expect { try read(#"{"prompt":"b","gold":7,"key":12}"#) } throws: {
            "\($0)".contains("'level' is missing")
        }
    }

    @Test func `only the wanted difficulties are used`() throws {
        let text = (0..<40).map { #"{"question":"\#($0)","expected":1,"difficulty":\#($0 % 4)}"# }
            .joined(separator: "\n")
        func read(_ difficulty: ClosedRange<Int>) throws -> [Int] {
            var options = LineOptions()
            options.difficulty = difficulty
            return try set(text, options: options).problems.map(\.difficulty)
        }
        let found = try read(1...2)
        #expect(Set(found) == [1, 2] && found.count == 20)
        #expect { try read(9...10) } throws: { "\($0)".contains("only of 0 to 3") }
    }

    @Test func `bytes that are not UTF-8 are named with their line`() {
        let bytes = Array(#"{"question":"a","expected":"1"}"#.utf8) + [10, 0x7B, 0xFF, 0xFE, 0x7D]
        #expect {
            try ProblemSet(contents: bytes, file: "p.jsonl", verifiers: VerifierSet(NumberVerifier()))
        } throws: { "\($0)".hasPrefix("p.jsonl:2: ") }
    }

    @Test(arguments: ["", "\n\n", "  \r\n"])
    func `an empty file is an error`(text: String) {
        #expect { try set(text) } throws: { "\($0)".contains("holds no problem") }
    }

    @Test func `a line without end is refused before it is parsed`() {
        let text =
            #"{"question":""# + String(repeating: "a", count: ProblemSet.lineLimit)
            + #"","expected":"1"}"#
        #expect { try set(text) } throws: { "\($0)".hasPrefix("p.jsonl:1: ") }
    }

    @Test func `a repeated line is counted and left out`() throws {
        let set = try set(many(50) + "\n" + many(3))
        #expect(set.duplicates == 3)
        #expect(set.problems.count == 50)
    }

    @Test(arguments: [(5, 1), (40, 4), (500, 50), (7000, 512)])
    func `auto holds out a tenth, at most 512 and at least one, and trains on the rest`(
        count: Int, held: Int
    ) throws {
        let source = try source(many(count))
        #expect(source.held.count == held && source.training.count == count - held)
        #expect(Set((source.held + source.training).map(\.question)).count == count)
        #expect(try source.heldOut(nil) == source.held)
    }

    @Test func `held out are the first that the hash chooses, the same for every seed and number`() throws {
        let text = many(500)
        let all = try source(text, holdingOut: .fifth)
        #expect(all.held.allSatisfy { HeldOut.fifth.contains(question: $0.question) })
        #expect(all.training.allSatisfy { !HeldOut.fifth.contains(question: $0.question) })
        #expect((70...130).contains(all.held.count))
        for count in [1, 20, 60] {
            let some = try source(text, seed: 9, holdingOut: .first(count))
            #expect(try some.held == all.heldOut(count) && some.training.count == 500 - count)
        }
        let asked = all.held.count + 1
        #expect {
            try source(text, holdingOut: .first(asked)).heldOut(asked)
        } throws: {
            "\($0)".contains("problems.heldOut asks for \(asked) problems and \(asked - 1) can be held out")
        }
    }

    @Test func `problems of a separate file are held out, and never trained on`() throws {
        let other = try ProblemSet(
            contents: Array(many(30).utf8), file: "test.jsonl", verifiers: VerifierSet(NumberVerifier()))
        let source = try source(many(100), holdingOut: .file(other, nil))
        #expect(source.held.count == 30 && source.training.count == 70)
        #expect(source.remarks.contains { $0.contains("30 questions of test.jsonl are also in p.jsonl") })
        #expect(try self.source(many(100), holdingOut: .file(other, 5)).held == Array(source.held.prefix(5)))
        #expect {
            try self.source(many(100), holdingOut: .file(other, 31)).heldOut(31)
        } throws: {
            "\($0)".contains("test.jsonl: problems.heldOut asks for 31")
        }
    }

    @Test func `an epoch asks every training problem once, in an order of its own`() throws {
        let source = try source(many(200))
        let count = source.training.count
        let epochs = try (0..<3).map { epoch in
            try (0..<count).map { try source.trainingProblem(epoch * count + $0).question }
        }
        for epoch in epochs { #expect(Set(epoch).count == count) }
        #expect(Set(epochs).count == 3)
        #expect(epochs[0] != source.training.map(\.question))
        let other = try self.source(many(200), seed: 2)
        #expect(try (0..<count).map { try other.trainingProblem($0).question } != epochs[0])
    }

    @Test func `one question leaves nothing to train on`() throws {
        #expect(throws: ProblemSourceError.nothingToTrainOn(source: "p.jsonl")) { try source(many(1)) }
    }
}

struct SeededPermutationTests {
    @Test(arguments: [1, 2, 3, 4, 5, 16, 17, 100, 1000, 4097])
    func `a permutation has every element once`(count: Int) {
        let order = SeededPermutation(count: count, seed: 7, epoch: 3)
        #expect((0..<count).map { order[$0] }.sorted() == Array(0..<count))
    }

    @Test func `every place is about equally likely for an element`() {
        var counts = [Int](repeating: 0, count: 10)
        for seed in UInt64(0)..<5000 { counts[SeededPermutation(count: 10, seed: seed, epoch: 0)[0]] += 1 }
        #expect(counts.allSatisfy { (400...600).contains($0) })
    }
}
