/// Why nothing was launched, or not all: what, where and the remedy in one sentence.
package struct LaunchError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The user must correct something; nothing was started.
        case usage
        /// No host or service answers.
        case unreachable
        /// A tool that was called failed.
        case failed
    }

    package let kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
