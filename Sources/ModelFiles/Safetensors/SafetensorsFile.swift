package import Foundation
package import Torch
package import Transformers

/// A safetensors file, mapped into memory; a tensor's bytes are read on access.
package final class SafetensorsFile {
    package let path: String
    package let header: SafetensorsHeader
    private let data: Data
    private let entries: [String: SafetensorsEntry]

    /// Opens and checks a file.
    ///
    /// - Throws: `ModelError` when the file cannot be read or is not well formed.
    package convenience init(path: String) throws(ModelError) {
        try self.init(data: ModelFile.map(path), path: path)
    }

    package init(data: Data, path: String) throws(ModelError) {
        let parsed = data.withUnsafeBytes { bytes in
            Result { () throws(ModelError) in try SafetensorsHeader(bytes, path: path) }
        }
        header = try parsed.get()
        self.path = path
        self.data = data
        entries = Dictionary(header.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    package func entry(_ name: String) -> SafetensorsEntry? { entries[name] }

    /// The tensor of this name, on the CPU, in the file's type.
    package func tensor(_ name: String) throws -> Tensor {
        guard let entry = entries[name] else { throw ModelError(path: path, "has no tensor \(name)") }
        return try data.withUnsafeBytes { bytes in
            let start = header.dataOffset + entry.range.lowerBound
            let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + entry.range.count])
            return try Tensor(bytes: part, dtype: entry.dtype, shape: entry.shape)
        }
    }
}
