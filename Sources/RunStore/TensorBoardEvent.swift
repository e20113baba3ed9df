import Foundation
import Primitives

/// An event of a TensorBoard event file, encoded as TensorFlow's `Event` message (`tensorflow/core/util/event.proto`).
enum TensorBoardEvent: Sendable {
    /// The first event of a file.
    case version
    /// Says that events of `step` and later ones in earlier files do not count.
    case restart(step: Int)
    /// Scalars of one step, as 32-bit floats.
    case scalars(step: Int, [(tag: String, value: Double)])

    /// The event as a record of the file: length, checksum, message, checksum.
    ///
    /// The framing is TFRecord: 64-bit length and 32-bit masked CRC-32C, little-endian.
    ///
    /// - Parameter time: in seconds since 1970.
    func record(time: Double) -> [UInt8] {
        let message = message(time: time)
        let length = littleEndian(UInt64(message.count))
        return length + littleEndian(Self.masked(length)) + message + littleEndian(Self.masked(message))
    }

    private func message(time: Double) -> [UInt8] {
        var message = Message()
        message.add(1, double: time)
        switch self {
        case .version: message.add(3, bytes: Array("brain.Event:2".utf8))
        case .restart(let step):
            message.add(2, integer: UInt64(step))
            var log = Message()
            // SessionLog.START
            log.add(1, integer: 1)
            message.add(7, bytes: log.bytes)
        case .scalars(let step, let scalars):
            message.add(2, integer: UInt64(step))
            var summary = Message()
            for scalar in scalars {
                var value = Message()
                value.add(1, bytes: Array(scalar.tag.utf8))
                value.add(2, float: Float(scalar.value))
                summary.add(1, bytes: value.bytes)
            }
            message.add(5, bytes: summary.bytes)
        }
        return message.bytes
    }

    static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let checksum = CRC32C.checksum(bytes)
        return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
    }
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// A message of Protocol Buffers while it is written: fields with their numbers.
private struct Message {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ field: Int, integer: UInt64) {
        tag(field, 0)
        variable(integer)
    }

    mutating func add(_ field: Int, double: Double) {
        tag(field, 1)
        bytes += littleEndian(double.bitPattern)
    }

    mutating func add(_ field: Int, bytes content: [UInt8]) {
        tag(field, 2)
        variable(UInt64(content.count))
        bytes += content
    }

    mutating func add(_ field: Int, float: Float) {
        tag(field, 5)
        bytes += littleEndian(float.bitPattern)
    }

    private mutating func tag(_ field: Int, _ type: Int) { variable(UInt64(field << 3 | type)) }

    /// Seven bits a byte, the lowest first; the top bit says that more follow.
    private mutating func variable(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
