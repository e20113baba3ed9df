import ArgumentParser
import Foundation
import Learning
import Primitives
import Reasoning
import Settings
import StrictConfiguration
import Tokenization

/// `ponder pretrain`: makes a base model.
struct PretrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pretrain",
        abstract: "Make a base model: random weights read books about bills.",
        discussion: """
            Writes a Hugging Face model folder (bf16) every 500 steps and at the end, then measures whether R1-Zero can work \
            with it: standard output gets the measure as one JSON object, and the exit code is 1 when the base is not \
            accepted (the folder stays). Without CONFIG it makes the model that comes with Ponder. The same configuration \
            gives the same model.

            Examples:
              ponder pretrain --output my-base
              ponder pretrain Deploy/runs/base.yaml --output my-base --steps 2000
              ponder pretrain --print-config > base.yaml
            """
    )

    @Argument(
        help: ArgumentHelp("A YAML file that names what differs from the defaults.", valueName: "config"))
    var config: String?

    @Option(help: ArgumentHelp("The folder of the model; new or empty.", valueName: "dir"))
    var output: String?

    @Option(help: ArgumentHelp("The former name of --output.", visibility: .hidden))
    var out: String?

    @Option(help: ArgumentHelp("Optimizer steps, in place of the configuration's.", valueName: "n"))
    var steps: Int?

    @Option(help: "Seed of the weights and the books, in place of the configuration's.")
    var seed: UInt64?

    @Flag(help: "Print the whole effective configuration and stop.")
    var printConfig = false

    @Flag(help: "Accepted for uniformity: the output is one JSON object in any case.")
    var json = false

    private static let saveEvery = 500

    func validate() throws {
        if let out { throw ValidationError("--out is called --output now: give --output \(out).") }
    }

    func run() throws {
        var configuration =
            try config.map { try PretrainingConfiguration(yamlFile: $0) } ?? PretrainingConfiguration()
        if let steps { configuration.steps = steps }
        if let seed { configuration.seed = seed }
        try configuration.validate(source: config ?? "configuration")
        if printConfig {
            print(configuration.yaml, terminator: "")
            return
        }
        guard let output else { throw ValidationError("Say where the model goes with --output DIR.") }
        let vocabulary = try CharacterVocabulary()
        let folder = try ModelFolder(output, vocabulary, maximumLength: configuration.model.maximumPositions)
        let pretraining = try Pretraining(
            configuration, tokenizer: Tokenizer(contentsOf: vocabulary.tokenizerJSON))
        try read(pretraining, into: folder)
        StandardError.write("measuring the base on held-out problems")
        let books = Books(bills: configuration.bills, shares: configuration.books)
        let acceptance = try BaseAcceptance(
            pretraining.model, tokenizer: pretraining.tokenizer, books: books,
            problems: BillsSource(configuration.bills, seed: 0).heldOut(512))
        try JSON.print(acceptance)
        guard acceptance.objections.isEmpty else {
            throw CommandFailure(
                .failed,
                "the base in \(output) is not accepted: \(acceptance.objections.joined(separator: "; "))")
        }
    }

    private func read(_ pretraining: Pretraining, into folder: ModelFolder) throws {
        let steps = pretraining.configuration.steps
        let progress = Progress(interval: .seconds(15))
        let clock = ContinuousClock()
        let start = clock.now
        while !pretraining.isComplete {
            let done = try pretraining.advance()
            guard done.loss.isFinite else {
                progress.finish()
                throw CommandFailure(
                    .failed, "the loss of step \(done.step) is not a number; lower rate in the configuration")
            }
            let seconds = (clock.now - start).seconds
            progress.update(
                "step \(done.step)/\(steps)  loss \(done.loss.shown(3))  \((Double(done.tokens) / seconds).shown(0)) tokens/s  "
                    + "\(Duration.seconds(seconds * Double(steps - done.step) / Double(done.step)).clock) left"
            )
            if done.step % Self.saveEvery == 0 || done.step == steps { try folder.save(pretraining.model) }
        }
        progress.finish()
    }
}
