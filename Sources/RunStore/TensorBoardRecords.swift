import Foundation

/// What a file of `TensorBoardEvent` records ends with; an incomplete or damaged record ends it, as for TensorBoard.
struct TensorBoardRecords {
    /// The last scalars.
    private(set) var last: MetricsPosition?
    /// The step from which events of earlier files do not count.
    private(set) var restart: Int?

    /// The tags of the fields that hold what an event is about.
    private enum Field {
        static let step: UInt8 = 2 << 3
        static let summary: UInt8 = 5 << 3 | 2
        static let sessionLog: UInt8 = 7 << 3 | 2
    }

    init(_ file: Data) {
        var offset = 0
        var scalars: Data?
        while let message = Self.message(in: file, at: &offset) {
            switch Self.head(of: message) {
            case (_, Field.summary)?: scalars = message
            case (let step, Field.sessionLog)?: restart = step
            default: break
            }
        }
        guard let scalars, let step = Self.head(of: scalars)?.step else { return }
        let isEvaluation = scalars.range(of: Data("heldout/".utf8)) != nil
        last = MetricsPosition(step: step, kind: isEvaluation ? .evaluation : .step)
    }

    /// The next message; nil at the end and at a record that is not whole.
    private static func message(in file: Data, at offset: inout Int) -> Data? {
        let rest = file.dropFirst(offset)
        guard let length = number(UInt64.self, rest), let check = number(UInt32.self, rest.dropFirst(8)),
            check == TensorBoardEvent.masked(rest.prefix(8)), length < rest.count
        else { return nil }
        let message = rest.dropFirst(12).prefix(Int(length))
        guard let check = number(UInt32.self, rest.dropFirst(12 + Int(length))),
            check == TensorBoardEvent.masked(message)
        else { return nil }
        offset += 16 + Int(length)
        return message
    }

    private static func number<Number: FixedWidthInteger>(_ type: Number.Type, _ bytes: Data) -> Number? {
        let width = MemoryLayout<Number>.size
        guard bytes.count >= width else { return nil }
        return bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
    }

    /// The step of an event and the tag of the field behind it; nil for the event that begins a file.
    private static func head(of message: Data) -> (step: Int, content: UInt8)? {
        // The first field is the time, a tag and 8 bytes.
        var bytes = message.dropFirst(9)
        guard bytes.popFirst() == Field.step else { return nil }
        var step = 0
        var shift = 0
        while shift < 63, let byte = bytes.popFirst() {
            step |= Int(byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 { break }
        }
        return bytes.first.map { (step, $0) }
    }
}
