import Foundation
import Testing

@testable import Reasoning

struct PromptTemplateTests {
    @Test func `the standard prompt asks and waits for an answer`() {
        let problem = Problem(id: "x", question: "17*3+58=?", expected: "109", difficulty: 2)
        #expect(PromptTemplate.standard.prompt(for: problem) == "Q:17*3+58=?\nA:")
        #expect(PromptTemplate.standard.text == "Q:{question}\nA:")
    }

    @Test func `a question that looks like a placeholder is left alone`() throws {
        let template = try PromptTemplate("{question}?")
        #expect(template.prompt(question: "{question}") == "{question}?")
    }

    @Test(arguments: [
        "", "Q:", "{question}{question}", "{Question}", "{ question }", "Q:{question}\n{question}",
        "{question}{examples}", "{response}{question}", "{examples}{examples}{question}",
        "{question}{response}{response}", "{question}{examples}{question}",
    ])
    func `a template without one place for the question is refused`(text: String) {
        #expect(throws: SettingError.self) { try PromptTemplate(text) }
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode([PromptTemplate].self, from: JSONEncoder().encode([text]))
        }
    }

    @Test func `tags and template survive JSON`() throws {
        let template = try PromptTemplate("User: {question}\nAssistant:")
        #expect(
            try JSONDecoder().decode([PromptTemplate].self, from: JSONEncoder().encode([template])) == [
                template
            ])
        let tags = try ThoughtTags(open: "<생각>", close: "</생각>")
        #expect(try JSONDecoder().decode(ThoughtTags.self, from: JSONEncoder().encode(tags)) == tags)
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode(ThoughtTags.self, from: Data(#"{"open":"a","close":"a"}"#.utf8))
        }
    }

    @Test func `a name stands for its template, and a misspelt one is told the nearest`() throws {
        #expect(try PromptTemplate("plain") == .standard)
        for name in PromptTemplate.names where name != PromptTemplate.ofModel {
            #expect(try PromptTemplate(name).prompt(question: "1 + 1 = ?").contains("1 + 1 = ?"))
        }
        #expect { try PromptTemplate("chatm") } throws: { "\($0)".contains("did you mean chatml?") }
    }

    @Test(arguments: ["r1", "chatml"]) func `named templates speak of the configured tags`(_ name: String)
        throws
    {
        let tags = try ThoughtTags(open: "<생각>", close: "</생각>")
        let prompt = try PromptTemplate(name, tags: tags).prompt(question: "1 + 1 = ?")
        #expect(prompt.contains("<생각>") && prompt.contains("</생각>") && !prompt.contains("think>"))
        #expect(!prompt.contains("{"))
    }

    @Test func `a chat model is told the same by chatml and by its own template`() throws {
        let answer = try ThoughtTags(
            open: "<think>", close: "</think>", answerOpen: "<answer>", answerClose: "</answer>")
        for tags in [ThoughtTags.think, answer] {
            let told = PromptTemplate.instruction(tags)
            #expect(try PromptTemplate("chatml", tags: tags).preamble.contains(told + "<|im_end|>"))
            #expect(told.contains("<answer>") == (tags.answer != nil))
        }
    }

    @Test func `the chat template ends where the assistant begins to write`() throws {
        #expect(
            try PromptTemplate("chatml").prompt(question: "Why?").hasSuffix(
                "<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"))
    }
}
