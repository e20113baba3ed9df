package import BuiltInVerifiers
package import StrictConfiguration

/// Settings of the verifiers: of the programs that judge answers, and of `math`.
package struct VerifierSettings: ConfigurationSection {
    @Setting(
        .texts(atMost: 256),
        "the program of the verifier external and its arguments; a name without / is looked up in PATH")
    package var command: [String] = []
    @Setting(.integer(1...256), "processes that a worker has of each program, those of rewards included")
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

    package var math = Math()

    package init() {}

    /// Settings of the verifier `math`.
    package struct Math: ConfigurationSection {
        @Setting(
            .choice,
            "where math looks for the answer; anywhere: a box, ####, 'answer is', the last formula or number; boxed: in \\boxed{} alone"
        )
        package var read = MathPlace.anywhere

        package init() {}
    }
}
