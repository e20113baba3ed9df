import Foundation
import StrictJSON

/// JSON lines in on standard input, JSON lines out on standard output, in order.
///
/// Answers are written before the stream waits for input, so another program may hold a conversation with it. They are
/// also written before an error ends the stream, so a bad line does not lose the answers to earlier ones.
final class JSONLineStream {
    private let reader: LineReader
    private let output: Int32
    private var pending: [UInt8] = []
    private let encoder = JSON.encoder()

    private init(input: Int32, output: Int32) {
        reader = LineReader(input)
        self.output = output
    }

    /// Runs `body` with a stream and writes the remaining output, even when it throws.
    static func run(
        input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO, _ body: (JSONLineStream) throws -> Void
    ) throws {
        let stream = JSONLineStream(input: input, output: output)
        do {
            try body(stream)
        } catch {
            try stream.flush()
            throw error
        }
        try stream.flush()
    }

    /// Number of the line that was read last, from 1.
    var line: Int { reader.number }

    /// Decodes the next line that is not blank with `read`; nil at the end of the input.
    ///
    /// - Throws: `CommandFailure` naming the line when `read` cannot decode it.
    func next<Value>(_ read: (inout ObjectReader) throws -> Value) throws -> Value? {
        var line = try reader.next(beforeWaiting: flush)
        while let blank = line, blank.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) {
            line = try reader.next(beforeWaiting: flush)
        }
        guard let data = line else { return nil }
        do {
            return try JSON.read(data, read)
        } catch {
            throw failure(JSON.reason(error))
        }
    }

    /// Whether the next line has arrived already.
    var holdsLine: Bool { reader.holdsLine }

    func write(_ value: some Encodable) throws {
        write(bytes: try encoder.encode(value))
    }

    /// Writes one line that is JSON already.
    func write(bytes: some Sequence<UInt8>) {
        pending.append(contentsOf: bytes)
        pending.append(UInt8(ascii: "\n"))
    }

    /// An error about the line that was read last.
    func failure(_ reason: String) -> CommandFailure {
        CommandFailure(.usage, "standard input, line \(line): \(reason)")
    }

    private func flush() throws {
        var done = 0
        while done < pending.count {
            let count = pending.withUnsafeBytes {
                Foundation.write(output, $0.baseAddress.map { $0 + done }, $0.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandFailure(
                    .failed, "standard output cannot be written: \(String(cString: strerror(errno)))")
            }
            done += count
        }
        pending.removeAll(keepingCapacity: true)
    }
}

/// JSON as every command writes it: snake case, one line, sorted keys.
enum JSON {
    static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return encoder
    }

    /// Prints one object as a line of standard output.
    static func print(_ value: some Encodable) throws {
        Swift.print(String(decoding: try encoder().encode(value), as: UTF8.self))
    }

    /// Reads an object; members that `read` does not take are ignored.
    static func read<Value>(_ json: Data, _ read: (inout ObjectReader) throws -> Value) throws -> Value {
        var object = try ObjectReader(JSONField(parsing: json))
        return try read(&object)
    }

    /// The reason in an error of `read`, as the end of a sentence about the line.
    static func reason(_ error: any Error) -> String { (error as? JSONError)?.ofObject ?? "\(error)" }
}

extension JSONField {
    /// A list of token ids.
    func ids() throws -> [Int32] {
        try elements().map { Int32(try $0.integer(in: Int(Int32.min)...Int(Int32.max))) }
    }
}
