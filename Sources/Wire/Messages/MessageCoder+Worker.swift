package import Scheduling
import StrictJSON

extension MessageCoder {
    /// Encodes a worker's message as frames.
    ///
    /// - Throws: `WireError` when the other side would not accept it.
    package static func encode(_ envelope: Envelope<WorkerMessage>) throws -> [Frame] {
        switch envelope.message {
        case .hello(let hello):
            return [try header(envelope.stamp, "hello", hello.json)]
        case .ready(let version):
            return [try header(envelope.stamp, "ready", ["version": .version(version)])]
        case .ping(let standing):
            return [try header(envelope.stamp, "ping", standing.json)]
        case .result(let result):
            return [try header(envelope.stamp, "result", result.json)] + (try result.frames())
        case .failed(let attempt, let reason):
            let text = bounded(reason)
            return [
                try header(
                    envelope.stamp, "failed", ["attempt": attempt.json, "reason": .string(text)])
            ]
        case .goodbye(let returning):
            return [try header(envelope.stamp, "goodbye", ["returning": .attempts(returning)])]
        case .alive(let number):
            return [try header(envelope.stamp, "alive", ["number": .unsigned(number)])]
        case .statusRequest:
            return [try header(envelope.stamp, "statusRequest", [:])]
        }
    }

    /// Decodes a worker's message, for a coordinator.
    ///
    /// - Throws: `WireError`.
    package static func decodeWorkerMessage(_ frames: [Frame]) throws -> Envelope<WorkerMessage> {
        let header = try Header.read(frames, largest: WireProtocol.header) { _ in WireProtocol.header }
        try header.require(header.kind == "result" ? 6 : 1, of: frames)
        let message: WorkerMessage
        switch header.kind {
        case "hello":
            message = .hello(try Hello(json: header.body, path: "hello"))
        case "ready":
            message = .ready(try ObjectReader.read(header.body, path: "ready") { try $0.version("version") })
        case "ping":
            message = .ping(try WorkerStanding(json: header.body, path: "ping"))
        case "result":
            message = .result(try RolloutResult(json: header.body, frames: frames))
        case "failed":
            message = try ObjectReader.read(header.body, path: "failed") { fields in
                .failed(
                    try fields.attempt("attempt"),
                    reason: try fields.string("reason", atMost: WireProtocol.reason))
            }
        case "goodbye":
            message = .goodbye(
                returning: try ObjectReader.read(header.body, path: "goodbye") {
                    try $0.attempts("returning")
                }
            )
        case "alive":
            message = .alive(
                try ObjectReader.read(header.body, path: "alive") { try $0.unsigned("number") })
        case "statusRequest":
            message = try ObjectReader.read(header.body, path: "statusRequest") { _ in .statusRequest }
        default:
            throw header.unknownKind()
        }
        return Envelope(stamp: header.stamp, message: message)
    }

    static func header(
        _ stamp: RunStamp, _ kind: String, _ body: JSONValue, limit: Int = WireProtocol.header
    ) throws -> Frame {
        try Header(stamp: stamp, kind: kind, body: body).frame(limit: limit)
    }

    /// Cuts a reason that is too long; it is for people, so it is not refused.
    static func bounded(_ reason: String) -> String {
        guard reason.utf8.count > WireProtocol.reason else { return reason }
        // A scalar has at most four bytes.
        return String(String.UnicodeScalarView(reason.unicodeScalars.prefix(WireProtocol.reason / 4)))
    }
}

extension Hello {
    var json: JSONValue {
        [
            "name": .string(name), "instance": .unsigned(instance), "host": .string(host),
            "process": .integer(process), "machine": .string(machine), "digests": digests?.json ?? .null,
            "standing": standing.json,
        ]
    }

    init(json: JSONValue, path: String) throws {
        self = try ObjectReader.read(json, path: path) { fields in
            let digests = try fields.value("digests")
            return Hello(
                name: try fields.string("name", atMost: WireProtocol.name),
                instance: try fields.unsigned("instance"),
                host: try fields.string("host", atMost: WireProtocol.name),
                process: try fields.integer("process", in: 0...Int(Int32.max)),
                machine: try fields.string("machine", atMost: WireProtocol.reason),
                digests: digests == .null ? nil : try Digests(json: digests, path: "\(path).digests"),
                standing: try WorkerStanding(json: try fields.value("standing"), path: "\(path).standing"))
        }
    }
}
