import Compression
import Testing

struct `A zstd frame` {
    private static func pack(_ bytes: [UInt8]) throws -> [UInt8] {
        try bytes.withUnsafeBytes { try Zstandard.pack($0) }
    }

    private static func unpack(_ frame: [UInt8], limit: Int = 1 << 20) throws -> [UInt8] {
        try frame.withUnsafeBytes { try Zstandard.unpack($0, limit: limit) }
    }

    @Test(arguments: [0, 1, 1000, 300_000]) func `gives back what was packed`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        #expect(try Self.unpack(Self.pack(bytes)) == bytes)
    }

    @Test func `that would unpack to more than the limit is refused before it is unpacked`() throws {
        let bomb = try Self.pack([UInt8](repeating: 0, count: 1 << 20))
        #expect(bomb.count < 1000)
        #expect(throws: CompressionError.self) { try Self.unpack(bomb, limit: (1 << 20) - 1) }
        #expect(try Self.unpack(bomb).count == 1 << 20)
    }

    @Test func `that is cut short, damaged or none at all is refused`() throws {
        let frame = try Self.pack((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) })
        for count in [0, 1, 4, 8, frame.count / 2, frame.count - 1] {
            #expect(throws: CompressionError.self) { try Self.unpack(Array(frame.prefix(count))) }
        }
        #expect(throws: CompressionError.self) { try Self.unpack([UInt8](repeating: 7, count: 100)) }
        #expect(throws: CompressionError.self) { try Self.unpack(frame + [1, 2, 3]) }
    }
}
