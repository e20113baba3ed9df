import Foundation
import GRDB
package import Reinforcement

/// The tokens of a trace with what learner and worker knew of each: the column `token_data`.
///
/// Packed: a byte 1; the advantage as a float; the number of segments; for each its policy plus 1, or 0 for given text, and
/// its number of tokens; the ids; the log-probabilities of sampled tokens as floats. Floats have four bytes, little-endian;
/// the rest are variable-length integers of seven bits a byte. This is 5 to 7 bytes a token.
package struct TokenRecord: Sendable, Hashable {
    /// Token ids of all segments, the end token included.
    package let tokens: [Int32]
    /// Natural logarithm, of each sampled token.
    package let logProbabilities: [Float]
    package let segments: [Segment]
    /// The advantage that each token was learned with; nil when the trace did not count.
    package let advantage: Float?

    private static let format: UInt8 = 1

    package init(_ trace: Trace, advantage: Float?) {
        tokens = trace.tokens
        logProbabilities = trace.logProbabilities
        segments = trace.segments
        self.advantage = advantage
    }

    /// One token with all that is known of it.
    package struct Token: Sendable, Hashable, Codable {
        package let id: Int32
        /// Nil until somebody who has the tokenizer sets it.
        package var text: String?
        /// Nil, as `version`, for a token that no policy sampled.
        package let logProbability: Float?
        package let version: Int?
        package let advantage: Float?
    }

    package var each: [Token] {
        var sampled = logProbabilities.makeIterator()
        let versions = segments.flatMap { Array(repeating: $0.version?.rawValue, count: $0.tokens) }
        return zip(tokens, versions).map { id, version in
            Token(
                id: id, text: nil, logProbability: version == nil ? nil : sampled.next(), version: version,
                advantage: version == nil ? nil : advantage)
        }
    }

    var packed: Data {
        var data = Data([Self.format])
        func append(_ value: Float) {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
        }
        func append(_ value: Int) {
            var rest = UInt64(max(0, value))
            while rest > 127 {
                data.append(UInt8(rest & 127) | 128)
                rest >>= 7
            }
            data.append(UInt8(rest))
        }
        append(advantage ?? .nan)
        append(segments.count)
        for segment in segments {
            append(segment.version.map { $0.rawValue + 1 } ?? 0)
            append(segment.tokens)
        }
        for token in tokens { append(Int(token)) }
        for value in logProbabilities { append(value) }
        return data
    }

    /// - Throws: `DatabaseError` for bytes that `packed` does not make.
    init(packed data: Data) throws {
        var rest = data[...]
        func damaged() -> DatabaseError {
            DatabaseError(
                resultCode: .SQLITE_CORRUPT, message: "\(data.count) bytes in token_data are no packed tokens"
            )
        }
        func float() throws -> Float {
            guard rest.count >= 4 else { throw damaged() }
            defer { rest = rest.dropFirst(4) }
            return Float(
                bitPattern: rest.prefix(4).enumerated().reduce(0) {
                    $0 | UInt32($1.element) << (8 * $1.offset)
                })
        }
        func integer() throws -> Int {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 63, by: 7) {
                guard let byte = rest.popFirst() else { throw damaged() }
                value |= UInt64(byte & 127) << shift
                if byte < 128, let whole = Int(exactly: value) { return whole }
            }
            throw damaged()
        }
        guard rest.popFirst() == Self.format else { throw damaged() }
        let advantage = try float()
        self.advantage = advantage.isNaN ? nil : advantage
        let segmentCount = try integer()
        guard segmentCount <= rest.count else { throw damaged() }
        segments = try (0..<segmentCount).map { _ in
            let version = try integer()
            let tokens = try integer()
            guard tokens <= data.count else { throw damaged() }
            return version == 0
                ? .given(tokens: tokens) : .sampled(PolicyVersion(version - 1), tokens: tokens)
        }
        let count = segments.reduce(0) { $0 + $1.tokens }
        guard count <= rest.count else { throw damaged() }
        tokens = try (0..<count).map { _ in
            guard let id = Int32(exactly: try integer()) else { throw damaged() }
            return id
        }
        logProbabilities = try (0..<segments.reduce(0) { $0 + $1.sampledCount }).map { _ in try float() }
        guard rest.isEmpty else { throw damaged() }
    }
}
