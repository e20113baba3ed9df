import Scheduling
import StrictJSON

/// The first frame of every message of the control port.
///
///     {"ponder":5,"run":"bills-7f3a","incarnation":2,"kind":"ready","body":{"version":12}}
///
/// The protocol version comes first and is checked before anything else is read, so that sides with different
/// versions can at least report this to each other.
struct Header: Sendable, Hashable {
    let stamp: RunStamp
    let kind: String
    let body: JSONValue

    /// - Throws: `WireError` when the frame is longer than `limit` bytes.
    func frame(limit: Int) throws -> Frame {
        let header: JSONValue = [
            "ponder": .integer(WireProtocol.version), "run": .string(stamp.run),
            "incarnation": .unsigned(stamp.incarnation),
            "kind": .string(kind), "body": body,
        ]
        let frame = header.bytes()
        guard frame.count <= limit else {
            throw WireError(
                .frameSize, field: "header of \(kind)", found: "\(frame.count) bytes",
                wanted: "at most \(limit)")
        }
        return frame
    }

    private static let beginning = Array("{\"ponder\":".utf8)

    /// - Parameter limit: the longest header of a kind, bytes.
    static func read(
        _ frames: [Frame], largest: Int, limit: (_ kind: String) -> Int
    ) throws -> Header {
        guard (1...WireProtocol.largestFrameCount).contains(frames.count) else {
            throw WireError(
                .frameCount, field: "message", found: "\(frames.count) frames",
                wanted: "1 to \(WireProtocol.largestFrameCount)")
        }
        guard frames[0].count <= largest else {
            throw WireError(
                .frameSize, field: "header", found: "\(frames[0].count) bytes", wanted: "at most \(largest)")
        }
        // Bytes that are not Ponder's never reach the parser.
        guard frames[0].starts(with: beginning) else {
            throw WireError(
                .notPonder, field: "header", found: "\(frames[0].count) other bytes", wanted: "{\"ponder\":…")
        }
        let header = try ObjectReader.read(try parsed(frames[0]), path: "header") { fields in
            let version = try fields.integer("ponder", in: 0...Int(Int32.max))
            guard version == WireProtocol.version else {
                throw WireError(
                    .protocolVersion, field: "header.ponder", found: String(version),
                    wanted: String(WireProtocol.version))
            }
            return Header(
                stamp: RunStamp(
                    run: try fields.string("run", atMost: WireProtocol.name),
                    incarnation: try fields.unsigned("incarnation")),
                kind: try fields.string("kind", atMost: 64), body: try fields.value("body"))
        }
        guard frames[0].count <= limit(header.kind) else {
            throw WireError(
                .frameSize, field: "header of \(header.kind.prefix(64))", found: "\(frames[0].count) bytes",
                wanted: "at most \(limit(header.kind))")
        }
        return header
    }

    /// Nesting limit; no header is nested that deeply.
    private static let depth = 8

    private static func parsed(_ frame: Frame) throws -> JSONValue {
        do throws(JSONError) { return try JSONValue(parsing: frame, depth: depth) } catch {
            throw WireError(error)
        }
    }

    /// - Throws: `WireError` when the message does not have exactly this many frames.
    func require(_ count: Int, of frames: [Frame]) throws {
        guard frames.count == count else {
            throw WireError(.frameCount, field: kind, found: "\(frames.count) frames", wanted: "\(count)")
        }
    }

    func unknownKind() -> WireError {
        WireError(
            .unknownKind, field: "header.kind", found: "\"\(kind)\"", wanted: "a kind of this direction")
    }
}
