package import Foundation
import Reasoning
package import Settings

extension RunConfiguration {
    /// Whether the prompt is that of the model's folder, which was not read yet.
    package var asksForChatTemplate: Bool {
        [PromptTemplate.automatic, PromptTemplate.ofModel].contains(prompt.template)
    }

    /// Puts the chat template of a model's folder, as text, where the configuration asks for it.
    ///
    /// From then on the configuration says all that a prompt needs, so neither a resumed run nor a worker reads the
    /// folder's template again.
    ///
    /// - Parameters:
    ///   - folder: the model's folder, for messages.
    ///   - file: the contents of a file of the folder; nil for one that is not there.
    /// - Throws: `SettingError`.
    package mutating func takeChatTemplate(of folder: String, _ file: (String) -> Data?) throws {
        guard asksForChatTemplate else { return }
        guard let template = ChatTemplate(file) else {
            guard prompt.template == PromptTemplate.automatic else {
                throw SettingError(
                    setting: "prompt.template", value: prompt.template,
                    remedy:
                        "\(folder) has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json); "
                        + "take plain, r1, chatml or a text with {question}")
            }
            prompt.template = "plain"
            return
        }
        let written = try template.written(thoughtTags())
        guard prompt.examples.isEmpty || written.takesExamples else {
            throw SettingError(
                setting: "prompt.examples", value: "\(prompt.examples.count) examples",
                remedy: "the chat template of \(folder) has no place for worked examples; leave them out, or "
                    + ChatTemplate.remedy)
        }
        prompt.template = written.template
        prompt.prefill = prompt.prefill ?? written.prefill
        _ = try promptWriter()
    }

    /// Keeps the prompt with which a run began, where this configuration leaves it to the model's folder.
    package mutating func keepChatTemplate(of saved: RunConfiguration) {
        guard
            prompt.template == PromptTemplate.automatic
                || prompt.template == PromptTemplate.ofModel
                    && !PromptTemplate.names.contains(saved.prompt.template)
        else { return }
        prompt.template = saved.prompt.template
        prompt.prefill = prompt.prefill ?? saved.prompt.prefill
    }
}
