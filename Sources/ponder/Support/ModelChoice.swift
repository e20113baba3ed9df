import ArgumentParser
import Coordination
import Episodes
import Foundation
import ModelFiles
import Reasoning
import Reinforcement
import RunStore
import Settings
import Tokenization
import Torch
import Transformers

/// Which model a command works with: a folder, what a run has learned, or the embedded base.
struct ModelChoice: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A Hugging Face model folder, or the id of a model in the Hugging Face cache.", valueName: "dir"))
    var model: String?

    @Option(
        help: ArgumentHelp("A run folder: its newest policy, its prompt and its problems.", valueName: "dir"))
    var run: String?

    func validate() throws {
        guard model == nil || run == nil else {
            throw ValidationError("Give either --model or --run, not both.")
        }
    }

    /// Opens the folder; the weights are not read yet.
    ///
    /// - Parameter given: in place of the run's configuration; without a model and a run its model is opened.
    func open(_ given: RunConfiguration? = nil) throws -> ChosenModel {
        var configuration = given ?? RunConfiguration()
        if let model {
            return ChosenModel(
                directory: try ModelDirectory(path: HubCache.folder(of: model)),
                configuration: configuration)
        }
        guard let run else {
            return ChosenModel(
                directory: try RunSession.base(&configuration), configuration: configuration)
        }
        let directory = try RunDirectory.existing(named: run)
        let policy = directory.policy.resolvingSymlinksInPath().path
        guard FileManager.default.fileExists(atPath: "\(policy)/config.json") else {
            throw CommandFailure(
                .noCheckpoint,
                "\(run) has no policy: no checkpoint has been written yet; let the run go on, or give --model"
            )
        }
        return ChosenModel(
            directory: try ModelDirectory(path: policy),
            configuration: try given ?? directory.configuration(), isRun: true)
    }
}

/// How a question becomes a prompt.
struct TemplateOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The text around a question: model (the chat template of the model's folder), plain, r1, chatml, or a text with "
                + "{question}.",
            valueName: "name"))
    var template: String?
}

/// A model folder and how its questions are asked.
struct ChosenModel {
    let directory: ModelDirectory
    /// The run's, or the embedded default for a model that comes without a run.
    let configuration: RunConfiguration
    /// Whether it is a run's policy, whose masters are asked and not the rounded weights of its checkpoint.
    var isRun = false

    var tokenizer: Tokenizer { directory.tokenizer }

    /// Reads the weights, and computes with `threads` threads from then on.
    func load(threads: Int) throws -> Policy {
        try TorchLibrary.setThreads(threads)
        return try directory.load(masters: isRun)
    }

    /// The same model, with the prompt that its questions are asked with.
    ///
    /// - Parameter option: in place of its own prompt.
    /// - Throws: `SettingError`.
    func asking(_ option: TemplateOption) throws -> ChosenModel {
        var configuration = configuration
        if let template = option.template { configuration.prompt.template = template }
        try configuration.takeChatTemplate(of: directory.path) { directory.companions[$0] }
        let chosen = ChosenModel(directory: directory, configuration: configuration, isRun: isRun)
        if option.template != nil { try chosen.rules().checkTemplateWords() }
        return chosen
    }

    /// How questions are asked of it.
    ///
    /// - Parameter changed: in place of its own configuration.
    func rules(_ changed: RunConfiguration? = nil) throws -> RolloutRules {
        try RolloutRules(changed ?? configuration, endTokens: directory.configuration.endTokens, tokenizer)
    }

    /// How tokens are drawn; asked directly, only what an answer without a thought is made of.
    func sampling(_ options: SamplingOptions, _ rules: RolloutRules, _ purpose: Purpose) throws -> Sampling {
        options.settings(
            allowed: rules.isDirect(purpose) ? try directTokens(rules) : nil,
            limit: configuration.rollout.maxNewTokens, endTokens: rules.ends.tokens)
    }

    private func directTokens(_ rules: RolloutRules) throws -> [Int32] {
        guard "0123456789-".allSatisfy({ tokenizer.id(of: String($0)) != nil }) else {
            throw CommandFailure(
                .usage,
                "\(directory.path): its tokenizer has no token for each digit and minus, so it cannot be asked directly"
            )
        }
        return rules.answerTokens
    }

    /// The text of sampled tokens, the end token left out.
    func text(_ trace: Trace) throws -> String {
        try tokenizer.text(of: trace.finish == .end ? trace.tokens.dropLast() : trace.tokens[...])
    }

    /// The ids of a prompt that is given as text or as ids.
    ///
    /// - Throws: what is wrong with it, such as an id that is not in the vocabulary.
    func ids(text: String?, ids: [Int32]?) throws -> [Int32] {
        switch (text, ids) {
        case (let text?, nil): return try encode(text)
        case (nil, let ids?): return try checked(ids)
        default: throw CommandFailure(.usage, #"a line has either "prompt" or "ids""#)
        }
    }

    /// The ids of a question's prompt.
    func ids(of prompt: Prompt, _ rules: RolloutRules) throws -> [Int32] {
        try checked(rules.tokens(of: prompt))
    }

    /// The ids of a prompt, with what is wrong with the question when a character is not in the vocabulary.
    func encode(_ text: String) throws -> [Int32] { try checked(try tokenizer.encode(text)) }

    private func checked(_ ids: [Int32]) throws -> [Int32] {
        let size = directory.configuration.vocabularySize
        if let id = ids.first(where: { $0 < 0 || Int($0) >= size }) {
            throw CommandFailure(.usage, "token id \(id) is not in the vocabulary of \(size) ids")
        }
        let most = directory.configuration.maximumPositions
        guard !ids.isEmpty, ids.count < most else {
            throw CommandFailure(
                .usage, "the prompt has \(ids.count) tokens; this model reads 1 to \(most - 1)")
        }
        return ids
    }
}
