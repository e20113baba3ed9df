package import Reinforcement

/// Why bytes are not a message.
///
///     WireError(.outOfRange, field: "problems", found: "70000", wanted: "at most 4096")
package struct WireError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// Too many or too few frames.
        case frameCount
        /// A frame is too long for its kind, or its length differs from what the header says.
        case frameSize
        /// Text that is not JSON or UTF-8, is nested too deeply, repeats a key or goes on after the value.
        case syntax
        /// The header does not begin like Ponder's headers.
        case notPonder
        /// The message has another protocol version.
        case protocolVersion
        case unknownKind
        case missingField
        case unknownField
        case wrongType
        case outOfRange
    }

    package let code: Code
    /// The place: a field's path, `frame 2`, or the kind of message.
    package let field: String
    package let found: String
    package let wanted: String
    /// The attempt whose assignment could not be read; nil for every other message.
    package internal(set) var attempt: AttemptID?

    package init(_ code: Code, field: String, found: String, wanted: String) {
        self.code = code
        self.field = field
        self.found = found
        self.wanted = wanted
    }

    package var description: String { "\(code.rawValue): \(field) is \(found), wanted \(wanted)" }

    /// The other side's protocol version, when the versions differ.
    package var theirProtocol: Int? { code == .protocolVersion ? Int(found) : nil }
}
