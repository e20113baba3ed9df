package import Reasoning
package import Reinforcement
package import StrictConfiguration

extension RunConfiguration {
    /// How a question becomes a prompt, and where a thought begins and ends.
    package struct Prompt: ConfigurationSection {
        @Setting(
            .text,
            "\(PromptTemplate.names.joined(separator: ", ")), or the prompt itself with {question}; also {examples} {response} {open} {close}"
        )
        package var template = "plain"
        @Setting(
            .optionalText, "the beginning of every response that is to be thought about, such as the opening tag")
        package var prefill: String? = nil
        @Setting(
            .records(
                ["question", "thought", "answer"], atMost: 64,
                texts: { [$0.question, $0.thought, $0.answer] },
                value: { PromptExample(question: $0[0], thought: $0[1], answer: $0[2]) }),
            "questions worked out before the one that is asked; spaces count")
        package var examples: [PromptExample] = []
        @Setting(.texts(atMost: 64), "texts of one token each that end a response as the end token does")
        package var stop: [String] = []
        @Setting(.text, "opens a thought")
        package var open = ThoughtTags.think.open
        @Setting(.text, "closes a thought")
        package var close = ThoughtTags.think.close
        @Setting(.flag, "train without thoughts: only an answer may be sampled")
        package var direct = false

        package init() {}
    }

    /// How much is generated for a step, and how.
    package struct Rollout: ConfigurationSection {
        @Setting(.integer(1...65536), "problems of a step")
        package var problems = 32
        @Setting(.integer(2...1024), "samples of each problem, the group's size G")
        package var samples = 8
        @Setting(.integer(1...131_072), "longest response, in tokens, the end token included")
        package var maxNewTokens = 96
        /// Above 1 it costs some accuracy in training and makes the evaluated policy sharper: a mistake that is trained down to
        /// probability p here has a probability of about p^temperature there.
        @Setting(.number(0.01...100), "temperature of sampling in training; evaluation is at 1")
        package var temperature = 1.3
        @Setting(
            .integer(1...65536), "problems that one worker generates as one batch; the bits depend on it")
        package var assignmentProblems = 16
        @Setting(
            .integer(0...65536),
            "rows decoded at a time; 0: the number that is fastest; the bits do not depend on it")
        package var slots = 0
        @Setting(
            .choice,
            "what a worker does with newer weights while it generates; finish: each assignment has one policy; continue: the newer policy goes on"
        )
        package var onNewWeights = OnNewWeights.finish

        package init() {}
    }

    /// The program of `problems.verifier: external`.
    package struct Verifier: ConfigurationSection {
        @Setting(
            .texts(atMost: 256),
            "the program of problems.verifier: external and its arguments; a name without / is looked up in PATH")
        package var command: [String] = []
        @Setting(.integer(1...256), "processes of the program that a worker has")
        package var processes = 2
        @Setting(.integer(1...1024), "answers that a process is given at a time")
        package var inFlight = 8
        @Setting(.number(0.01...3600), "seconds that one verdict may take")
        package var timeout = 10.0
        @Setting(.number(0.01...3600), "more seconds for the very first verdict, while the program starts")
        package var startup = 30.0
        @Setting(
            .integer(0...(1 << 24)), "MiB of address space that a process may take; 0 sets no limit")
        package var memory = 2048

        package init() {}
    }
}
