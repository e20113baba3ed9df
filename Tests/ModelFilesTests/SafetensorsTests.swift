import Foundation
import Host
import ModelFiles
import Testing
import Torch
import Transformers

@Suite struct SafetensorsTests {
    private func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> Data {
        let text = Data(header.utf8)
        return withUnsafeBytes(of: (length ?? UInt64(text.count)).littleEndian) { Data($0) } + text
            + Data(count: data)
    }

    private func temporary() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent(
            "ponder-\(UUID().uuidString).safetensors")
    }

    @Test func `what is written is read, bit for bit`() throws {
        let url = temporary()
        defer { try? FileManager.default.removeItem(at: url) }
        let a = try Tensor([1.5, -0.0, .infinity] as [Float], shape: [3])
        let b = try Tensor([1, -2] as [Int64], shape: [2, 1])
        let c = try a.converted(to: .bfloat16)
        try SafetensorsWriter.write(
            [.init("z", a), .init("b.ü\"", b), .init("c", c)], metadata: ["format": "pt", "steps": "7"],
            to: url)
        let read = try SafetensorsFile(path: url.path)
        #expect(read.header.metadata == ["format": "pt", "steps": "7"])
        #expect(read.header.entries.map(\.name) == ["b.ü\"", "c", "z"])
        for (name, tensor) in [("z", a), ("b.ü\"", b), ("c", c)] {
            #expect(try read.tensor(name).bytes() == tensor.bytes())
            #expect(try read.tensor(name).shape == tensor.shape)
        }
        #expect(read.header.dataOffset % 8 == 0)
    }

    @Test func `a full disk is an error that tells it`() throws {
        let tensor = try Tensor([1, 2] as [Float], shape: [2])
        let error = #expect(throws: FileError.self) {
            try SafetensorsWriter.write([.init("a", tensor)], to: URL(filePath: "/dev/full"))
        }
        #expect(error?.isDiskFull == true && error?.path == "/dev/full")
    }

    @Test func `a well-formed file with spaces and metadata is accepted`() throws {
        let header =
            #" {"x" : { "dtype":"F32", "shape" : [1], "data_offsets":[ 0 , 4 ] } , "__metadata__":{"k":"\u00e9"} }   "#
        let data = file(String(header.dropFirst()), data: 4)
        #expect(try SafetensorsFile(data: data, path: "x").header.metadata == ["k": "é"])
        #expect(try SafetensorsFile(data: file("{}"), path: "x").header.entries.isEmpty)
        // Python's json.dumps writes a character beyond U+FFFF as a pair of escapes.
        let escaped =
            #"{"__metadata__":{"\ud83e\udd99":"a \ud83e\udd99"},"\ud83e\udd99":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        let read = try SafetensorsFile(data: file(escaped, data: 4), path: "x").header
        #expect(read.metadata == ["🦙": "a 🦙"] && read.entries.map(\.name) == ["🦙"])
        #expect(try SafetensorsFile(data: file(#"{"__metadata__":null}"#), path: "x").header.metadata.isEmpty)
    }

    static let hostile: [(String, String, Int)] = [
        ("bad JSON", #"{"a":"#, 0),
        ("no object", #"[]"#, 0),
        ("a space first", #" {}"#, 0),
        ("text behind", #"{} x"#, 0),
        (
            "overlap",
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            8
        ),
        (
            "hole",
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#,
            12
        ),
        ("trailing bytes", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 5),
        ("truncated data", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7),
        ("size mismatch", #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8),
        (
            "shape overflow",
            #"{"a":{"dtype":"F32","shape":[4194305,4194305,211106198978564],"data_offsets":[0,4]}}"#, 4
        ),
        ("start behind end", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4),
        ("negative offset", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 4),
        ("float offset", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4.0]}}"#, 4),
        ("huge number", #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#, 4),
        ("unknown dtype", #"{"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,4]}}"#, 4),
        ("three offsets", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#, 4),
        ("missing shape", #"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, 4),
        ("unknown key", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#, 4),
        ("number in metadata", #"{"__metadata__":{"a":1}}"#, 0),
        (
            "duplicate tensor",
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
            4
        ),
        ("duplicate key", #"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4),
        (
            "nested arrays",
            #"{"a":{"dtype":"F32","shape":"# + String(repeating: "[", count: 100_000) + "]}}", 0
        ),
        (
            "long name",
            #"{""# + String(repeating: "a", count: 1000)
                + #"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4
        ),
        ("many dimensions", #"{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}"#, 4),
        ("lone surrogate", #"{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4),
        ("control character", "{\"a\n\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4),
    ]

    @Test(arguments: hostile)
    func `a hostile header is refused with the reason`(name: String, header: String, data: Int) throws {
        let error = try #require(throws: ModelError.self, "\(name)") {
            _ = try SafetensorsFile(data: file(header, data: data), path: "hostile.safetensors")
        }
        #expect(error.description.hasPrefix("hostile.safetensors: not a usable safetensors file"))
    }

    @Test(arguments: [UInt64(100), 1 << 24, 1 << 40, 1 << 63, .max])
    func `a header longer than the file or the limit is refused before anything is allocated`(length: UInt64)
    {
        #expect(throws: ModelError.self) { try SafetensorsFile(data: file("{}", length: length), path: "x") }
    }

    @Test(arguments: 0..<8)
    func `a file shorter than its length field is refused`(size: Int) {
        #expect(throws: ModelError.self) { try SafetensorsFile(data: Data(count: size), path: "x") }
    }

    @Test func `cut files and flipped bits of a header are errors or other files`() throws {
        let good = file(
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"__metadata__":{"k":"v"}}"#, data: 8)
        for length in 0..<good.count {
            #expect(throws: ModelError.self) { try SafetensorsFile(data: good.prefix(length), path: "x") }
        }
        var refused = 0
        for place in 0..<good.count - 8 {
            for bit in 0..<8 {
                var bytes = Data(good)
                bytes[place] ^= 1 << UInt8(bit)
                do { _ = try SafetensorsFile(data: bytes, path: "x") } catch { refused += 1 }
            }
        }
        #expect(refused > 400)
    }

    @Test func `a missing file and a missing tensor are named`() throws {
        let missing = try #require(throws: ModelError.self) {
            _ = try SafetensorsFile(path: "/nowhere/model.safetensors")
        }
        #expect(missing.description.contains("/nowhere/model.safetensors"))
        let empty = try SafetensorsFile(data: file("{}"), path: "empty.safetensors")
        let absent = try #require(throws: ModelError.self) { _ = try empty.tensor("lm_head.weight") }
        #expect(absent.description.contains("lm_head.weight"))
    }
}
