package import StrictConfiguration

/// Programs of the user that are told of a run's events; they never stop a run.
package struct HookSettings: ConfigurationSection {
    @Setting(
        .texts(atMost: 256),
        "the program and its arguments that run at an alarm, with PONDER_MESSAGE and more in its environment")
    package var alarm: [String] = []
    @Setting(
        .texts(atMost: 256),
        "the same at the end of a run, whether done, interrupted or failed (PONDER_PHASE)")
    package var end: [String] = []
    @Setting(.number(0.1...3600), "seconds after which such a program is stopped")
    package var timeout = 30.0

    package init() {}
}
