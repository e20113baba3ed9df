import Foundation
import Reasoning
import Settings
import StrictConfiguration
import Testing

@testable import Episodes

/// A model's own chat template, rendered once and taken apart.
@Suite struct ChatTemplateTests {
    private let chatml = """
        {%- for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{% endfor %}
        {%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
        """

    private func template(_ program: String, tokens: [String: String] = [:]) throws -> ChatTemplate {
        var configuration: [String: Any] = tokens
        configuration["chat_template"] = program
        let json = try JSONSerialization.data(withJSONObject: configuration)
        return try #require(ChatTemplate { $0 == "tokenizer_config.json" ? json : nil })
    }

    /// What a template makes of the conversations, given as the text of one message and the end.
    private func read(
        open: String = "", _ message: @escaping (ChatMessage) -> String?, _ end: String = "[bot]"
    ) throws -> ChatTemplate.Written {
        let renderings: [ChatTemplate.Rendering] = ChatTemplate.conversations(.think).map { messages in
            let parts = messages.map(message)
            guard !parts.contains(nil) else {
                return .failure(ChatTemplateFailure(reason: "raised an error"))
            }
            return .success(open + parts.compactMap { $0 }.joined() + end)
        }
        return try template("x").read(renderings, .think)
    }

    private let instruction =
        "First think about the question between <think> and </think>, then give the answer alone."

    private func prompt(_ written: ChatTemplate.Written, examples: [PromptExample] = []) throws -> String {
        try PromptWriter(
            template: PromptTemplate(written.template), prefill: written.prefill ?? "", examples: examples
        ).prompt(question: "1+1?").whole
    }

    @Test func `what is around a question becomes a template of Ponder's own`() throws {
        let written = try read { "[\($0.role)]\($0.content)[end]" }
        #expect(try prompt(written) == "[system]\(instruction)[end][user]1+1?[end][bot]")
        // Its answers do not begin as a response does, so it has no place for worked examples.
        #expect(written.prefill == nil && !written.takesExamples)
    }

    @Test func `worked examples stand where a conversation of several turns has them`() throws {
        let written = try read(open: "[begin]") { message in
            (message.role == "assistant" ? "[bot]" : "[\(message.role)]") + message.content + "[end]"
        }
        let example = PromptExample(question: "2+2?", thought: "t", answer: "4")
        #expect(
            try prompt(written, examples: [example, example])
                == "[begin][system]\(instruction)[end]"
                + String(repeating: "[user]2+2?[end][bot]<think>t</think>4[end]", count: 2)
                + "[user]1+1?[end][bot]")
    }

    @Test func `without a system message the instruction stands above the question`() throws {
        for raises in [true, false] {
            let written = try read { message in
                message.role == "system" ? (raises ? nil : "") : "[\(message.role)]\(message.content)"
            }
            #expect(try prompt(written) == "[user]\(instruction)\n\n1+1?[bot]")
        }
    }

    @Test func `a thought that the template opens is the beginning of the response`() throws {
        let written = try read({ "[\($0.role)]\($0.content)" }, "[bot]<think>\n")
        #expect(written.prefill == "<think>\n")
        #expect(written.template.contains("{question}[bot]") && !written.template.hasSuffix("<think>\n"))
        #expect(try prompt(written).hasSuffix("1+1?[bot]<think>\n"))
    }

    @Test func `a template that does more than put text around a question is refused with the reason`() throws
    {
        func refusal(_ message: @escaping (ChatMessage) -> String?) -> String {
            do { return "\(try read(message))" } catch { return "\(error)" }
        }
        func user(_ change: @escaping (String) -> String) -> (ChatMessage) -> String? {
            { $0.role == "user" ? change($0.content) : $0.content }
        }
        #expect(refusal(user { $0.uppercased() }).contains("leaves out or changes the question"))
        #expect(refusal(user { $0 + $0 }).contains("writes the question 2 times"))
        #expect(refusal(user { _ in "" }).contains("leaves out or changes the question"))
        #expect(
            refusal(user { $0.replacing("<", with: "&lt;") }).contains("leaves out or changes the question"))
        #expect(
            refusal(user { $0 + ($0.contains("\"") ? "!" : "") }).contains(
                "other text around other questions"))
        #expect(refusal { _ in nil }.contains("raised an error"))
        #expect(refusal(user { "{open}" + $0 }).contains("writes {open}"))
        let questionAlone = refusal { $0.role == "user" ? $0.content.replacing(instruction, with: "") : "" }
        #expect(questionAlone.contains("leaves out the instruction to think"))
    }

    @Test func `the template is found in each place where transformers finds it`() throws {
        func found(_ files: [String: String]) -> ChatTemplate? {
            ChatTemplate { files[$0].map { Data($0.utf8) } }
        }
        #expect(found([:]) == nil && found(["tokenizer_config.json": #"{"chat_template": null}"#]) == nil)
        #expect(found(["tokenizer_config.json": #"{"chat_template": "A"}"#])?.program == "A")
        let both = ["chat_template.jinja": "J", "tokenizer_config.json": #"{"chat_template": "A"}"#]
        #expect(found(both)?.program == "J")
        let list =
            #"{"chat_template": [{"name": "rag", "template": "R"}, {"name": "default", "template": "D"}]}"#
        #expect(found(["tokenizer_config.json": list])?.program == "D")
        #expect(found(["chat_template.json": #"{"chat_template": "P"}"#])?.program == "P")
        let tokens = found([
            "chat_template.jinja": "J",
            "tokenizer_config.json":
                #"{"bos_token": {"content": "<s>"}, "eos_token": "</s>", "pad_token": null}"#,
        ])?.tokens
        #expect(tokens == ["bos_token": "<s>", "eos_token": "</s>"])
    }

    @Test func `a configuration keeps the text of the template, and a resumed run its own`() throws {
        var plain = RunConfiguration()
        try plain.takeChatTemplate(of: "dir") { _ in nil }
        #expect(plain.prompt.template == "plain")
        var wanted = RunConfiguration()
        wanted.prompt.template = "model"
        try wanted.validate()
        #expect { try wanted.takeChatTemplate(of: "dir") { _ in nil } } throws: {
            "\($0)".contains("dir has no chat template")
        }
        #expect(throws: SettingError.self) { try wanted.promptWriter() }
        var saved = RunConfiguration()
        saved.prompt.template = "[{question}]"
        saved.prompt.prefill = "<think>"
        for name in ["auto", "model"] {
            var again = RunConfiguration()
            again.prompt.template = name
            again.keepChatTemplate(of: saved)
            #expect(again.prompt.template == "[{question}]" && again.prompt.prefill == "<think>")
        }
        saved.prompt.template = "plain"
        wanted.keepChatTemplate(of: saved)
        #expect(wanted.asksForChatTemplate)
        var other = RunConfiguration()
        other.prompt.template = "r1"
        other.keepChatTemplate(of: saved)
        #expect(other.prompt.template == "r1")
    }

    // MARK: - With Python and jinja2

    /// Whether this machine has jinja2; `Scripts/bootstrap` installs it.
    static let hasJinja: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import jinja2"]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test(.enabled(if: hasJinja))
    func `real templates are rendered as transformers renders them`() throws {
        let written = try template(chatml).written(.think)
        #expect(
            try prompt(written)
                == "<|im_start|>system\n\(instruction)<|im_end|>\n<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n"
        )
        let llama = """
            {{- bos_token }}
            {%- if messages[0]['role'] == 'system' %}
                {%- set system_message = messages[0]['content']|trim %}
                {%- set messages = messages[1:] %}
            {%- else %}{%- set system_message = "" %}{%- endif %}
            {{- "<|h|>system<|/h|>\\n\\n" + "Today: " + strftime_now("%Y") + "\\n\\n" + system_message + "<|eot|>" }}
            {%- for message in messages %}
                {%- if not (message.role == 'ipython') %}{% generation %}{{- '<|h|>' + message['role'] + '<|/h|>\\n\\n'+ message['content'] | trim + '<|eot|>' }}{% endgeneration %}{% else %}{% continue %}{%- endif %}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|h|>assistant<|/h|>\\n\\n' }}
            {%- endif %}
            """
        let prompt = try prompt(template(llama, tokens: ["bos_token": "<|b|>"]).written(.think))
        #expect(prompt.hasPrefix("<|b|><|h|>system<|/h|>\n\nToday: 20"))
        #expect(
            prompt.hasSuffix("\(instruction)<|eot|><|h|>user<|/h|>\n\n1+1?<|eot|><|h|>assistant<|/h|>\n\n"))
        let raising =
            "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
        #expect(try self.prompt(template(raising + chatml).written(.think)).hasPrefix("<|im_start|>user\n"))
    }

    @Test(
        .enabled(if: hasJinja),
        arguments: [
            ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "SecurityError"),
            ("{{ messages.append(1) }}", "SecurityError"), ("{% for %}", "TemplateSyntaxError"),
            ("{{ 'x' * 4000000000 }}", "memory"), ("{{ open('/etc/passwd') }}", "UndefinedError"),
            ("{{ raise_exception('not for you') }}", "not for you"), ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ])
    func `a hostile template gets nothing but its message`(program: String, reason: String) throws {
        #expect { try template(program).written(.think) } throws: { "\($0)".contains(reason) }
    }

    @Test(.enabled(if: hasJinja))
    func `a template that does not end is killed`() throws {
        let loops = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
        let template = try template(loops)
        let start = ContinuousClock.now
        #expect { try template.render([[ChatMessage(role: "user", content: "x")]], seconds: 1) } throws: {
            "\($0)".contains("more than 1 seconds of processor time")
        }
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}
