/// Why a model folder or a safetensors file cannot be used.
package struct ModelError: Error, CustomStringConvertible, Sendable {
    /// The file or folder.
    package let path: String
    /// What is wrong, with the values involved and the remedy.
    package let message: String

    package init(path: String, _ message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { "\(path): \(message)" }
}
