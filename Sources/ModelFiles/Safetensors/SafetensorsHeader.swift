import StrictJSON
package import Torch
package import Transformers

/// One tensor of a safetensors file.
package struct SafetensorsEntry: Sendable, Hashable {
    package let name: String
    package let dtype: DType
    package let shape: [Int]
    /// Range in bytes, from the start of the data section.
    package let range: Range<Int>

    package init(name: String, dtype: DType, shape: [Int], range: Range<Int>) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
        self.range = range
    }
}

extension SafetensorsEntry {
    fileprivate init(_ field: JSONField) throws(JSONError) {
        var object = try ObjectReader(field)
        let dtype = try object.required("dtype")
        let name = try dtype.string()
        guard let known = DType.allCases.first(where: { $0.safetensorsName == name }) else {
            throw dtype.error(
                .outOfRange, wanted: "one of \(DType.allCases.map(\.safetensorsName).joined(separator: ", "))"
            )
        }
        func numbers(_ key: String, atMost limit: Int) throws(JSONError) -> [Int] {
            try object.required(key).elements(atMost: limit).map { (element) throws(JSONError) in
                try element.integer(in: 0 ... .max)
            }
        }
        let shape = try numbers("shape", atMost: SafetensorsHeader.maximumRank)
        let offsets = try numbers("data_offsets", atMost: 2)
        try object.finish()
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw field.unusable("has no pair of ascending data_offsets")
        }
        self.init(name: field.path, dtype: known, shape: shape, range: offsets[0]..<offsets[1])
    }
}

extension DType {
    /// The type's name in safetensors files.
    package var safetensorsName: String {
        switch self {
        case .float32: "F32"
        case .bfloat16: "BF16"
        case .float16: "F16"
        case .float64: "F64"
        case .int64: "I64"
        }
    }
}

/// The header of a safetensors file: an 8-byte little-endian length, then JSON; the tensors' bytes follow
/// without gaps.
///
/// It is stricter than the reference reader (safetensors 0.8): it also refuses duplicate keys, more than
/// `maximumTensors` tensors, and names longer than `maximumName` bytes. Memory is bounded by the header's
/// size, which is at most 16 MiB.
package struct SafetensorsHeader: Sendable {
    package static let maximumBytes = 16 << 20
    package static let maximumTensors = 100_000
    package static let maximumName = 512
    static let maximumRank = 8

    package let entries: [SafetensorsEntry]
    package let metadata: [String: String]
    /// Offset of the data section in the file, in bytes.
    package let dataOffset: Int

    /// Parses the beginning of a file.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - path: the name that errors give.
    package init(_ bytes: UnsafeRawBufferPointer, path: String) throws(ModelError) {
        func refuse(_ message: String) -> ModelError {
            ModelError(path: path, "not a usable safetensors file: \(message)")
        }
        guard bytes.count >= 8 else { throw refuse("\(bytes.count) bytes are too few") }
        let declared = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard declared <= UInt64(Self.maximumBytes), Int(declared) <= bytes.count - 8 else {
            throw refuse("its header claims \(declared) bytes of a file of \(bytes.count)")
        }
        let length = Int(declared)
        do throws(JSONError) {
            (metadata, entries) = try Self.read(bytes[8..<8 + length])
        } catch {
            throw refuse("header, \(error)")
        }
        dataOffset = 8 + length
        try Self.checkTiling(entries, dataBytes: bytes.count - dataOffset, refuse)
    }

    private static func read(
        _ header: Slice<UnsafeRawBufferPointer>
    ) throws(JSONError) -> (metadata: [String: String], entries: [SafetensorsEntry]) {
        // The format requires the object at the start, without leading spaces.
        guard header.first == UInt8(ascii: "{") else {
            throw JSONField(.null).unusable("does not start with {")
        }
        var metadata: [String: String] = [:]
        var entries: [SafetensorsEntry] = []
        let root = try JSONField(parsing: UnsafeRawBufferPointer(rebasing: header), depth: 3)
        for member in try root.members() {
            let field = JSONField(member.value, path: String(member.key.prefix(maximumName)))
            if member.key == "__metadata__" {
                if member.value == .null { continue }
                for entry in try field.members() {
                    metadata[entry.key] = try JSONField(entry.value, path: "__metadata__.\(entry.key)")
                        .string()
                }
                continue
            }
            guard member.key.utf8.count <= maximumName else {
                throw field.unusable("has a name of more than \(maximumName) bytes")
            }
            guard entries.count < maximumTensors else {
                throw field.unusable("is one tensor more than the \(maximumTensors) that are read")
            }
            entries.append(try SafetensorsEntry(field))
        }
        return (metadata, entries)
    }

    /// Checks that the tensors cover the data section exactly, without overlaps or gaps.
    private static func checkTiling(
        _ entries: [SafetensorsEntry], dataBytes: Int, _ refuse: (String) -> ModelError
    ) throws(ModelError) {
        var end = 0
        for entry in entries.sorted(by: {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }) {
            var bytes = entry.dtype.size
            for size in entry.shape {
                let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
                guard !overflow else { throw refuse("tensor \(entry.name): shape \(entry.shape) overflows") }
                bytes = product
            }
            guard bytes == entry.range.count else {
                throw refuse(
                    "tensor \(entry.name): shape \(entry.shape) takes \(bytes) bytes, it has \(entry.range.count)"
                )
            }
            guard entry.range.lowerBound == end else {
                throw refuse(
                    "tensor \(entry.name) starts at byte \(entry.range.lowerBound), the one before ends at \(end)"
                )
            }
            end = entry.range.upperBound
        }
        guard end == dataBytes else { throw refuse("tensors take \(end) bytes, the file has \(dataBytes)") }
    }
}
