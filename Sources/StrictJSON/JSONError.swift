/// Why a text or a value is not the JSON that a reader expects.
///
///     rope_scaling.factor is "8", wanted a number
package struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// The text is not JSON, or it exceeds a limit of the parser.
        case syntax
        case repeatedKey
        case missingField
        case unknownField
        case wrongType
        case outOfRange
        /// The value cannot be used; `found` describes the problem.
        case unusable
    }

    package let code: Code
    /// The keys to the value, such as `layers[2].name`; empty for the whole text.
    package let path: String
    package let found: String
    package let wanted: String
    /// Position in the text in bytes, from 0; nil for an error about a value.
    package let offset: Int?

    package init(_ code: Code, path: String, found: String, wanted: String, offset: Int? = nil) {
        self.code = code
        self.path = path
        self.found = found
        self.wanted = wanted
        self.offset = offset
    }

    /// The same error, located in the enclosing object or array.
    func inside(_ step: String) -> JSONError {
        JSONError(
            code, path: JSONField.path(step, path), found: found, wanted: wanted, offset: offset)
    }

    /// A description for a file or line that must hold an object: `is not a JSON object (byte 3: …)`.
    package var ofObject: String {
        code == .syntax || code == .wrongType && path.isEmpty ? "is not a JSON object (\(self))" : "\(self)"
    }

    package var description: String {
        let place = path.isEmpty ? "the value" : path
        return switch code {
        case .syntax:
            "\(path.isEmpty ? "" : "\(path), ")byte \(offset ?? 0): found \(found), wanted \(wanted)"
        case .repeatedKey: "the key \(path) occurs twice; remove one of them"
        case .missingField: "\(place) is missing"
        case .unknownField: "\(place) is not a key that is known here"
        case .wrongType, .outOfRange: "\(place) is \(found), wanted \(wanted)"
        case .unusable: "\(place) \(found)"
        }
    }
}
