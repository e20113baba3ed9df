/// What a launch would start, in five lines, and what would go wrong with it.
package struct LaunchSummary: Sendable, Hashable {
    package var lines: [String]
    package var warnings: [String] = []

    package init(_ lines: [String]) { self.lines = lines }

    /// The head of a script, below its first line.
    var comments: String {
        lines.map { "# \(Self.line($0))\n" }.joined()
            + warnings.map { "# WARNING: \(Self.line($0))\n" }.joined()
    }

    private static func line(_ text: String) -> String { text.replacing("\n", with: " ") }

    /// Refuses to start what would not work.
    ///
    /// - Throws: `LaunchError` with every warning.
    package func requireNoWarning() throws(LaunchError) {
        guard !warnings.isEmpty else { return }
        throw LaunchError(
            .usage,
            "nothing was started: \(warnings.joined(separator: "; ")) (--accept-warnings starts it all the same)"
        )
    }
}
