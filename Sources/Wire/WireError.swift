package import Reinforcement

/// Why bytes are not a message.
///
///     WireError(.outOfRange, field: "problems", found: "70000", wanted: "at most 4096")
package struct WireError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// Too many or too few frames.
        case frameCount
        /// A frame is longer than its kind may be, or not as long as the header says.
        case frameSize
        /// Not JSON, not UTF-8, nested too deeply, a repeated key or something behind the value.
        case syntax
        /// The header does not begin as Ponder's do.
        case notPonder
        /// Another protocol version.
        case protocolVersion
        case unknownKind
        case missingField
        case unknownField
        case wrongType
        case outOfRange
    }

    package let code: Code
    /// Where: a field's path, `frame 2`, or the kind of message.
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

    /// The other side's protocol version, when that is what differs.
    package var theirProtocol: Int? { code == .protocolVersion ? Int(found) : nil }
}
