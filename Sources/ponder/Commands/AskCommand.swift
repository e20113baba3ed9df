import ArgumentParser
import BuiltInVerifiers
import Episodes
import Reasoning
import Reinforcement
import Settings
import Tokenization
import Transformers

/// `ponder ask`: one question, the thought and the answer.
struct AskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Ask a model one question, and see the thought and the answer.",
        discussion: """
            Without --model and --run it asks the model that comes with Ponder. A question of digits and + - * / alone gets \
            '=?' behind it; every other question is asked as it stands. With --direct only digits and a minus sign may be \
            sampled: the answer comes without a thought.

            Examples:
              ponder ask '17+25+38=?'
              ponder ask --run runs/2026-11-24-bills '12*7+35+9*4'
              ponder ask --run runs/2026-11-24-bills --direct '12*7+35+9*4'
              ponder ask --model my-model --temperature 0 --json '17+25=?'
            """
    )

    @OptionGroup var choice: ModelChoice
    @OptionGroup var template: TemplateOption
    @OptionGroup var sampling: SamplingOptions

    @Flag(help: "Ask for the answer alone, without a thought.")
    var direct = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @Argument(help: "What is asked.")
    var question: String

    func run() throws {
        let chosen = try choice.open().asking(template)
        let asked = Self.completed(question)
        let rules = try chosen.rules()
        let purpose = rules.isDirect(direct ? .direct : .evaluation) ? Purpose.direct : .evaluation
        do {
            _ = try chosen.tokenizer.encode(asked)
        } catch {
            throw CommandFailure(.usage, "the question cannot be asked: \(error)")
        }
        let prompt = rules.written(asked, purpose)
        let ids = try chosen.ids(of: prompt, rules)
        let settings = try chosen.sampling(sampling, rules, purpose)
        let model = try sampling.compute.generator(chosen)
        let traces = try Rollout(
            RoundID(step: 0, purpose: purpose), seed: sampling.seed, prompts: [(0, ids)], samples: 1, settings
        ).finished(by: model)
        guard let trace = traces.first else { return }
        let reply = Reply(
            question: asked, prompt: prompt.text, try rules.submit(trace).scored([]),
            tags: try chosen.configuration.thoughtTags())
        if json { try JSON.print(reply) } else { reply.show() }
    }

    /// The question with `=?` where digits and operators alone leave it out.
    static func completed(_ question: String) -> String {
        let isExpression =
            question.utf8.contains { (48...57).contains($0) }
            && question.utf8.allSatisfy { (48...57).contains($0) || "+-*/".utf8.contains($0) }
        return isExpression ? question + "=?" : question
    }

    /// What came back.
    struct Reply: Encodable {
        let question: String
        let prompt: String
        let response: String
        @NullEncoded private(set) var thought: String?
        @NullEncoded private(set) var answer: String?
        /// Whether it thought and answered in the form; nil when it was asked directly.
        @NullEncoded private(set) var form: Bool?
        /// What broke the form.
        @NullEncoded private(set) var broken: FormatRule.Break?
        let finish: Finish
        let tokens: Int
        /// Set for a sum, whose answer Ponder can work out.
        @NullEncoded private(set) var expected: String?
        @NullEncoded private(set) var correct: Bool?

        init(question: String, prompt: String, _ scored: ScoredTrace, tags: ThoughtTags) {
            self.question = question
            self.prompt = prompt
            response = scored.response
            tokens = scored.trace.tokens.count
            finish = scored.trace.finish
            thought = scored.thought
            switch scored.form {
            case nil: answer = finish == .end ? response : nil
            case .kept(let found):
                answer = found.text
                form = true
            case .broken(let fault):
                // Without any tag the whole response is what it says.
                answer = fault == .noOpeningTag && !response.contains(tags.close) ? response : nil
                form = false
                broken = fault
            }
            expected = Bill(question: question).map { "\($0.total)" }
            let given = answer
            correct = Bill(question: question).map {
                given.map(Answer.init(direct:))?.isNumber("\($0.total)") ?? false
            }
        }

        func show() {
            if let thought { print(Terminal.faint("thought  \(thought)")) }
            if let answer {
                let verdict = correct.map { $0 ? "" : "   (wrong: it is \(expected ?? ""))" } ?? ""
                print("answer   \(answer)\(verdict)")
            } else {
                print("response \(response)")
            }
            if let broken { print(Terminal.faint("note     no thought in the form: \(broken.words)")) }
            if form == nil, finish == .length { print(Terminal.faint("note     cut at \(tokens) tokens")) }
        }
    }
}

extension Answer {
    fileprivate func isNumber(_ expected: String) -> Bool {
        NumberVerifier().verdict(on: self, expected: expected) == .correct
    }
}

extension FormatRule.Break {
    /// For people.
    var words: String {
        switch self {
        case .cut: "cut at the length limit"
        case .noOpeningTag: "no opening tag"
        case .textBeforeThought: "text before the thought"
        case .secondOpeningTag: "a second opening tag"
        case .noClosingTag: "the thought was not closed"
        case .closedBeforeOpened: "closed before it was opened"
        case .secondClosingTag: "a second closing tag"
        case .blankThought: "a blank thought"
        case .blankAnswer: "a blank answer"
        case .noAnswerTags: "the answer is not in its tags"
        case .textAroundAnswer: "text around the answer's tags"
        }
    }
}
