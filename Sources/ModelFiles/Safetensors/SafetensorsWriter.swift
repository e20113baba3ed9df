package import Foundation
import Host
import StrictJSON
package import Torch
package import Transformers

/// Writes safetensors files that the reference library can read.
package enum SafetensorsWriter {
    /// Writes the tensors in the order of their names, one at a time.
    ///
    /// - Parameter dtype: the type of the numbers in the file; nil for each tensor's own.
    ///
    /// The file is complete and durable when this returns.
    ///
    /// - Throws: `FileError`, which tells a full disk; `TorchError`.
    package static func write(
        _ tensors: [NamedTensor], as dtype: DType? = nil, metadata: [String: String] = ["format": "pt"],
        to url: URL
    ) throws {
        let sorted = tensors.sorted { $0.name < $1.name }
        var file = try OpenFile(url.path, O_WRONLY | O_CREAT | O_TRUNC)
        try file.write(header(sorted, as: dtype, metadata: metadata))
        for named in sorted {
            try file.write(named.tensor.converted(to: dtype ?? named.tensor.dtype).bytes())
        }
        try file.synchronize()
        try file.close()
    }

    /// The length and the JSON, which is padded with spaces to a multiple of 8 bytes.
    static func header(_ sorted: [NamedTensor], as dtype: DType? = nil, metadata: [String: String]) -> Data {
        var members: [JSONValue.Member] = []
        if !metadata.isEmpty {
            let entries = metadata.sorted { $0.key < $1.key }
            members.append(
                .init(
                    key: "__metadata__",
                    value: .object(entries.map { .init(key: $0.key, value: .string($0.value)) })))
        }
        var offset = 0
        for named in sorted {
            let dtype = dtype ?? named.tensor.dtype
            let end = offset + named.tensor.count * dtype.size
            members.append(
                .init(
                    key: named.name,
                    value: .object([
                        .init(key: "data_offsets", value: .array([.integer(offset), .integer(end)])),
                        .init(key: "dtype", value: .string(dtype.safetensorsName)),
                        .init(key: "shape", value: .array(named.tensor.shape.map { .integer($0) })),
                    ])))
            offset = end
        }
        var text = Data(JSONValue.object(members).bytes())
        while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text
    }
}
