import Testing

@testable import Reasoning

struct PromptWriterTests {
    private let example = PromptExample(question: "4 + 5 = ?", thought: " 4 and 5 make 9. ", answer: " 9")

    private func writer(
        _ template: String = "User: {question}\nAssistant:", tags: ThoughtTags = .think, prefill: String = "",
        examples: [PromptExample] = []
    ) throws -> PromptWriter {
        try PromptWriter(
            template: PromptTemplate(template, tags: tags), tags: tags, prefill: prefill, examples: examples)
    }

    @Test func `a worked example and a prefilled tag make the prompt of a model that never thought before`()
        throws
    {
        let prompt = try writer(prefill: " <think>", examples: [example]).prompt(question: "12 + 7 = ?")
        #expect(
            prompt.whole
                == "User: 4 + 5 = ?\nAssistant: <think> 4 and 5 make 9. </think> 9\nUser: 12 + 7 = ?\nAssistant: <think>"
        )
        #expect(prompt.prefill == " <think>")
        #expect(prompt.text.hasSuffix("12 + 7 = ?\nAssistant:"))
    }

    @Test func `asked directly, examples have no thought and nothing is prefilled but the space`() throws {
        let prompt = try writer(prefill: " <think>", examples: [example]).direct(question: "12 + 7 = ?")
        #expect(prompt.whole == "User: 4 + 5 = ?\nAssistant: 9\nUser: 12 + 7 = ?\nAssistant: ")
        #expect(prompt.prefill.isEmpty)
    }

    @Test func `without examples and prefill a thought and a direct answer continue the same prompt`() throws
    {
        let plain = try writer("plain")
        #expect(plain.prompt(question: "1+1=?") == plain.direct(question: "1+1=?"))
        #expect(plain.prompt(question: "1+1=?").whole == "Q:1+1=?\nA:")
    }

    @Test func `the preamble is said once and each example is closed as the template says`() throws {
        let prompt = try writer(
            "Think.\n{examples}<u>{question}</u><a>{response}</a>\n", examples: [example, example]
        ).prompt(question: "?")
        let turn = "<u>4 + 5 = ?</u><a><think> 4 and 5 make 9. </think> 9</a>\n"
        #expect(prompt.whole == "Think.\n\(turn)\(turn)<u>?</u><a>")
    }

    @Test func `examples and prefill follow the configured tags`() throws {
        let tags = try ThoughtTags(open: "<생각>", close: "</생각>")
        let prompt = try writer(tags: tags, prefill: "<생각> 음", examples: [example]).prompt(question: "?")
        #expect(prompt.whole.contains("Assistant:<생각> 4 and 5 make 9. </생각> 9\n"))
        #expect(prompt.whole.hasSuffix("Assistant:<생각> 음"))
    }

    @Test(arguments: ["", " <think>", "<think>\nFirst,", "<think> given </think>", "  \n"])
    func `a prefill that a response in the form can begin with is taken`(prefill: String) throws {
        #expect(try writer(prefill: prefill).prefill == prefill)
    }

    @Test(arguments: ["Sure: ", "</think>", "<think></think>", "<think><think>", "<think>a</think>b</think>"])
    func `a prefill that breaks every form is refused`(prefill: String) {
        #expect { try writer(prefill: prefill) } throws: { "\($0)".contains("prompt.prefill") }
    }

    @Test(arguments: [("", " 9"), (" 4 and 5 </think>", " 9"), ("ok", " ")])
    func `an example out of the form is refused`(thought: String, answer: String) {
        let broken = PromptExample(question: "4 + 5 = ?", thought: thought, answer: answer)
        #expect { try writer(examples: [broken]) } throws: {
            "\($0)".contains("prompt.examples: '4 + 5 = ?'")
        }
    }

    @Test func `prompts and examples show the tags of an answer`() throws {
        let tags = try ThoughtTags(
            open: "<think>", close: "</think>", answerOpen: "<answer>", answerClose: "</answer>")
        let writer = try PromptWriter(
            template: PromptTemplate("r1", tags: tags), tags: tags, prefill: " <think>",
            examples: [PromptExample(question: "4 + 5 = ?", thought: "t", answer: "9")])
        let text = writer.prompt(question: "1+1").whole
        #expect(text.contains("<answer> answer here </answer>."))
        #expect(text.contains("Assistant: <think>t</think> <answer>9</answer>\n"))
        #expect(writer.direct(question: "1+1").whole.contains("Assistant:9\n"))
        let own = try PromptTemplate("{question} {answerOpen}…{answerClose}:", tags: tags)
        #expect(own.prompt(question: "q") == "q <answer>…</answer>:")
        #expect(
            try PromptTemplate("r1").text.contains("answer")
                && !PromptTemplate("r1").text.contains("{answerOpen}"))
        #expect(throws: SettingError.self) {
            try PromptWriter(template: .standard, tags: tags, prefill: "<answer>")
        }
    }
}
