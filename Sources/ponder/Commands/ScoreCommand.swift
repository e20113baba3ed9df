import ArgumentParser
import BuiltInVerifiers
import Foundation
import Reasoning
import Settings
import StrictJSON

/// `ponder score`: verdicts on given responses.
struct ScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Say whether given responses are right and in the form.",
        discussion: """
            Reads JSON lines from standard input and writes one JSON line for each, in order. A line has "expected" and either \
            "response" (a thought and an answer; right only in the form) or "answer" (the answer alone; "format" is then null). \
            "credit" is the share of the reward, 0 to 1; "undecided" says that the verifier cannot tell. Other keys are ignored. A line that cannot be read \
            ends the command with exit code 2 after the lines before it have been answered.

            An external verifier is a program that reads {"id","question","answer","expected","metadata"} lines and writes
            {"id","reward"} or {"id","correct"} lines; this command then reads "question" and "metadata", too.

            With --explain, "read" is the part of the answer that was judged and "rule" how it was found; "none" says that \
            nothing in the answer could be judged. The verifier math takes the first of \(AnswerReading.Rule.allCases.map(\.rawValue).joined(separator: ", ")).

            Verifiers: \(Verifiers.names.joined(separator: ", ")). The expectation of a countdown is an object such as \
            {"numbers":[7,3,5,2],"target":22,"use":"all"}.

            Examples:
              echo '{"answer":"1,234","expected":"1234"}' | ponder score --verifier number
              ponder score --verifier number < responses.jsonl > verdicts.jsonl
              ponder score --verifier external --command 'python3 verify.py' < responses.jsonl
              echo '{"answer":"so it is 1/2 cup","expected":"0.5"}' | ponder score --verifier math --explain
              ponder score --verifier exact --open '<생각>' --close '</생각>' < r.jsonl
            """
    )

    @Option(help: ArgumentHelp("The rule that says whether an answer is right.", valueName: "name"))
    var verifier: String

    @Option(
        help: ArgumentHelp(
            "Where math looks for the answer: anywhere, or boxed (in \\boxed{} alone).", valueName: "place"))
    var read: MathPlace = .anywhere

    @Option(help: ArgumentHelp("Opens a thought.", valueName: "tag"))
    var open = ThoughtTags.think.open

    @Option(help: ArgumentHelp("Closes a thought.", valueName: "tag"))
    var close = ThoughtTags.think.close

    @Option(help: ArgumentHelp("Opens the answer, where it has tags of its own.", valueName: "tag"))
    var answerOpen: String?

    @Option(help: ArgumentHelp("Closes the answer, where it has tags of its own.", valueName: "tag"))
    var answerClose: String?

    @OptionGroup var program: ProgramOptions

    @Flag(help: "Show which part of the answer was judged, and the rule that found it.")
    var explain = false

    @Flag(help: "Accepted for uniformity: the output is JSON lines in any case.")
    var json = false

    func run() throws {
        var configuration = RunConfiguration()
        configuration.problems.verifier = verifier
        configuration.verifier.math.read = read
        program.apply(to: &configuration)
        let judge = try Judge(configuration)
        let rule = FormatRule(
            tags: try ThoughtTags(open: open, close: close, answerOpen: answerOpen, answerClose: answerClose))
        if judge.usesProgram { return try scoreByProgram(judge, rule) }
        let verifier = judge.verifiers.standard
        try JSONLineStream.run { stream in
            while let line = try stream.next(Line.init) {
                stream.write(bytes: try verdict(line, verifier, rule, stream).utf8)
            }
        }
    }

    private func verdict(
        _ line: Line, _ verifier: any Verifier, _ rule: FormatRule, _ stream: JSONLineStream
    ) throws -> String {
        switch (line.response, line.answer) {
        case (let response?, nil):
            switch rule.form(of: response, finished: true) {
            case .kept(let answer):
                try explained(
                    Self.text(verifier.verdict(on: answer, expected: line.expected.text), format: true),
                    verifier.reading(of: answer))
            case .broken: try explained(Self.text(.wrong, format: false), nil)
            }
        case (nil, let answer?):
            try explained(
                Self.text(
                    verifier.verdict(on: Answer(direct: answer), expected: line.expected.text), format: nil),
                verifier.reading(of: Answer(direct: answer)))
        case (nil, nil): throw stream.failure("needs 'response' or 'answer', and has neither")
        case (_?, _?): throw stream.failure("needs either 'response' or 'answer', and has both")
        }
    }

    static func text(_ verdict: Verdict, format: Bool?) -> String {
        #"{"correct":\#(verdict == .correct),"credit":\#(verdict.credit),"#
            + #""format":\#(format.map { "\($0)" } ?? "null"),"#
            + #""undecided":\#(verdict == .undecided)}"#
    }

    /// The verdict, with the judged part when --explain was given; nil when the form left no answer to judge.
    private func explained(_ verdict: String, _ reading: @autoclosure () -> AnswerReading?) throws -> String {
        guard explain else { return verdict }
        let reading = reading() ?? AnswerReading(rule: .none, text: "")
        let read = JSONValue.string(reading.text).text()
        return String(verdict.dropLast()) + #","read":\#(read),"rule":"\#(reading.rule.rawValue)"}"#
    }

    private struct Line {
        let response: String?
        let answer: String?
        let expected: ExpectedAnswer

        init(_ object: inout ObjectReader) throws {
            response = try object.optional("response")?.string()
            answer = try object.optional("answer")?.string()
            expected = try ExpectedAnswer(object.required("expected"))
        }
    }
}

extension MathPlace: ExpressibleByArgument {}
