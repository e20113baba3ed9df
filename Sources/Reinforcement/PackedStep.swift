/// The groups of one training step as bytes, from which the step can be computed again.
///
/// Layout: the format's number, then groups, traces, segments and tokens, each list behind its length. Whole numbers
/// take 1 byte for each 7 bits (LEB128), log-probabilities 4 bytes and rewards 8, little-endian. A sampled token takes
/// 5 to 7 bytes, by the size of the vocabulary.
package struct PackedStep: Sendable, Hashable {
    package let bytes: [UInt8]

    /// The number of the layout, the first byte.
    private static let format: UInt8 = 1

    package init(bytes: [UInt8]) { self.bytes = bytes }

    package init(_ groups: [LearnedGroup]) {
        var writer = Writer()
        writer.data.append(Self.format)
        writer.list(groups) { writer, group in
            writer.number(group.problem)
            writer.list(group.prompt) { $0.number(Int($1)) }
            writer.list(group.traces) { writer, trace in
                writer.number(trace.sample)
                writer.number(trace.isExcluded ? 1 : 0)
                writer.append(trace.reward.bitPattern)
                writer.list(trace.segments) { writer, segment in
                    // 0 is given text; a version is one higher.
                    writer.number(segment.version.map { $0.rawValue + 1 } ?? 0)
                    writer.number(segment.tokens)
                }
                writer.list(trace.tokens) { $0.number(Int($1)) }
                writer.list(trace.logProbabilities) { $0.append($1.bitPattern) }
            }
        }
        bytes = writer.data
    }

    /// - Throws: `Damage` when the bytes are not a whole step.
    package func groups() throws(Damage) -> [LearnedGroup] {
        var reader = Reader(bytes: bytes)
        let format = try reader.take(UInt8.self)
        guard format == Self.format else {
            throw Damage(offset: 0, "has layout \(format), and this Ponder reads \(Self.format)")
        }
        let groups = try reader.list { (reader) throws(Damage) in
            LearnedGroup(
                problem: try reader.number(),
                prompt: try reader.list { (reader) throws(Damage) in try reader.token() },
                traces: try reader.list { (reader) throws(Damage) in try reader.trace() })
        }
        guard reader.offset == bytes.count else {
            throw Damage(offset: reader.offset, "goes on after its end, to \(bytes.count) bytes")
        }
        return groups
    }

    /// Bytes that are not a step.
    package struct Damage: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String

        init(offset: Int, _ message: String) { description = "byte \(offset): the recorded step \(message)" }
    }
}

private struct Writer {
    var data: [UInt8] = []

    mutating func number(_ value: Int) {
        var rest = UInt64(bitPattern: Int64(value))
        while rest > 0x7F {
            data.append(UInt8(rest & 0x7F | 0x80))
            rest >>= 7
        }
        data.append(UInt8(rest))
    }

    mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }

    mutating func list<Element>(_ elements: [Element], _ write: (inout Writer, Element) -> Void) {
        number(elements.count)
        for element in elements { write(&self, element) }
    }
}

private struct Reader {
    let bytes: [UInt8]
    private(set) var offset = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func take<Value: FixedWidthInteger>(_ type: Value.Type) throws(PackedStep.Damage) -> Value {
        let size = MemoryLayout<Value>.size
        guard bytes.count - offset >= size else {
            throw .init(offset: offset, "ends there, too early")
        }
        defer { offset += size }
        return bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
    }

    mutating func number() throws(PackedStep.Damage) -> Int {
        var value: UInt64 = 0
        for place in 0..<10 {
            let byte = try take(UInt8.self)
            value |= UInt64(byte & 0x7F) << (7 * place)
            if byte < 0x80 {
                guard let number = Int(exactly: value) else { break }
                return number
            }
        }
        throw .init(offset: offset, "has a number there that is too large")
    }

    mutating func token() throws(PackedStep.Damage) -> Int32 {
        guard let token = Int32(exactly: try number()) else {
            throw .init(offset: offset, "has a token id there that is too large")
        }
        return token
    }

    /// A list; its memory grows with what is read, so that a damaged length costs none.
    mutating func list<Element>(
        _ read: (inout Reader) throws(PackedStep.Damage) -> Element
    ) throws(PackedStep.Damage) -> [Element] {
        let count = try number()
        var elements: [Element] = []
        elements.reserveCapacity(min(count, bytes.count - offset))
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }

    mutating func trace() throws(PackedStep.Damage) -> LearnedTrace {
        let (sample, excluded) = (try number(), try number())
        let reward = Double(bitPattern: try take(UInt64.self))
        let segments = try list { (reader) throws(PackedStep.Damage) in
            let (version, tokens) = (try reader.number(), try reader.number())
            return version == 0
                ? Segment.given(tokens: tokens) : .sampled(PolicyVersion(version - 1), tokens: tokens)
        }
        let tokens = try list { (reader) throws(PackedStep.Damage) in try reader.token() }
        let logProbabilities = try list { (reader) throws(PackedStep.Damage) in
            Float(bitPattern: try reader.take(UInt32.self))
        }
        guard segments.allSatisfy({ $0.tokens >= 0 && $0.tokens <= tokens.count }),
            segments.reduce(0, { $0 + $1.tokens }) == tokens.count,
            segments.sampledCount == logProbabilities.count, reward.isFinite
        else {
            throw .init(
                offset: offset,
                "has a trace before it whose segments, tokens and log-probabilities do not agree")
        }
        return LearnedTrace(
            sample: sample, tokens: tokens, logProbabilities: logProbabilities, segments: segments,
            reward: reward, isExcluded: excluded != 0)
    }
}
