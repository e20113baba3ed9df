package import Foundation
import Torch
package import Transformers

/// Writes safetensors files that the reference library can read.
package enum SafetensorsWriter {
    /// Writes the tensors in the order of their names, one at a time, in their own type.
    ///
    /// The file is complete when this returns; the caller makes it durable.
    package static func write(
        _ tensors: [NamedTensor], metadata: [String: String] = ["format": "pt"], to url: URL
    ) throws {
        let sorted = tensors.sorted { $0.name < $1.name }
        guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
            throw ModelError(path: url.path, "cannot be created; is the folder there and writable?")
        }
        let file = try FileHandle(forWritingTo: url)
        defer { try? file.close() }  // `synchronize` below has already reported any error that matters
        try file.write(contentsOf: header(sorted, metadata: metadata))
        for named in sorted { try file.write(contentsOf: named.tensor.bytes()) }
        try file.synchronize()
    }

    /// The length and the JSON, which is padded with spaces to a multiple of 8 bytes.
    static func header(_ sorted: [NamedTensor], metadata: [String: String]) throws -> Data {
        struct Entry: Encodable {
            let dtype: String
            let shape: [Int]
            let data_offsets: [Int]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        func json(_ value: some Encodable) throws -> String {
            String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        var members = metadata.isEmpty ? [] : ["\"__metadata__\":" + (try json(metadata))]
        var offset = 0
        for named in sorted {
            let end = offset + named.tensor.count * named.tensor.dtype.size
            let entry = Entry(
                dtype: named.tensor.dtype.safetensorsName, shape: named.tensor.shape,
                data_offsets: [offset, end])
            members.append("\(try json(named.name)):\(try json(entry))")
            offset = end
        }
        var text = Data("{\(members.joined(separator: ","))}".utf8)
        while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text
    }
}
