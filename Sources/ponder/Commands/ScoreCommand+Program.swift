import Reasoning
import StrictJSON

extension ScoreCommand {
    /// A line for an external verifier, which may also receive the question and metadata.
    struct ProgramLine {
        let response: String?
        let answer: String?
        let expected: ExpectedAnswer
        let question: String?
        let metadata: ProblemMetadata?

        init(_ object: inout ObjectReader) throws {
            response = try object.optional("response")?.string()
            answer = try object.optional("answer")?.string()
            expected = try ExpectedAnswer(object.required("expected"))
            question = try object.optional("question")?.string()
            metadata = try object.optional("metadata").map(ProblemMetadata.init)
        }
    }

    /// Most lines that are sent to a program at once.
    private static let batch = 256

    /// Answers lines in order; sends several at once when they have already arrived.
    func scoreByProgram(_ judge: Judge, _ rule: FormatRule) throws {
        try JSONLineStream.run { stream in
            var waiting: [(problem: Problem, answer: Answer?, format: Bool?)] = []
            func flush() throws {
                let verdicts = try judge.verdicts(on: waiting.map { ($0.problem, $0.answer) })
                for (line, verdict) in zip(waiting, verdicts) {
                    stream.write(bytes: Self.text(verdict ?? .wrong, format: line.format).utf8)
                }
                waiting = []
            }
            while true {
                if !stream.holdsLine || waiting.count >= Self.batch { try flush() }
                let line: ProgramLine?
                do {
                    line = try stream.next(ProgramLine.init)
                } catch {
                    try flush()
                    throw error
                }
                guard let line else { return try flush() }
                do {
                    let (answer, format) = try Self.answer(line, rule, stream)
                    let problem = Problem(
                        id: "", question: line.question ?? "", expected: line.expected.text, difficulty: 0,
                        metadata: line.metadata?.text)
                    waiting.append((problem, answer, format))
                } catch {
                    try flush()
                    throw error
                }
            }
        }
    }

    private static func answer(_ line: ProgramLine, _ rule: FormatRule, _ stream: JSONLineStream) throws -> (
        Answer?, Bool?
    ) {
        switch (line.response, line.answer) {
        case (let response?, nil):
            guard case .kept(let answer) = rule.form(of: response, finished: true) else {
                return (nil, false)
            }
            return (answer, true)
        case (nil, let answer?): return (Answer(direct: answer), nil)
        case (nil, nil): throw stream.failure("needs 'response' or 'answer', and has neither")
        case (_?, _?): throw stream.failure("needs either 'response' or 'answer', and has both")
        }
    }
}
