package import Reinforcement
package import Scheduling
import StrictJSON

extension MessageCoder {
    /// Largest number of problems of an assignment.
    package static let problemLimit = WireProtocol.problems

    /// Refuses an assignment that could not be sent, or that no worker would accept.
    ///
    /// - Throws: `WireError`.
    package static func requireSendable(_ assignment: Assignment) throws {
        let stamp = RunStamp(run: String(repeating: "r", count: WireProtocol.name), incarnation: .max)
        let attempt = AttemptID(assignment: assignment.id, incarnation: .max, number: 1 << 20)
        _ = try decodeCoordinatorMessage(
            try encode(Envelope(stamp: stamp, message: .assignment(attempt, assignment))))
    }

    /// Encodes a coordinator's message as frames.
    ///
    /// - Throws: `WireError` when the other side would not accept it.
    package static func encode(_ envelope: Envelope<CoordinatorMessage>) throws -> [Frame] {
        let stamp = envelope.stamp
        switch envelope.message {
        case .welcome(let welcome):
            return [try header(stamp, "welcome", try welcome.json())] + (try welcome.frames())
        case .refused(let refusal):
            return [
                try header(
                    stamp, "refused",
                    [
                        "subject": .string(refusal.subject.rawValue), "ours": .string(bounded(refusal.ours)),
                        "theirs": .string(bounded(refusal.theirs)),
                    ])
            ]
        case .helloFirst:
            return [try header(stamp, "helloFirst", [:])]
        case .challenge(let number):
            return [try header(stamp, "challenge", ["number": .unsigned(number)])]
        case .assignment(let attempt, let assignment):
            guard attempt.assignment == assignment.id else {
                throw WireError(
                    .outOfRange, field: "assignment.attempt", found: "\(attempt)",
                    wanted: "an attempt of \(assignment.id)")
            }
            return [
                try header(
                    stamp, "assignment", ["attempt": attempt.json, "assignment": assignment.json],
                    limit: WireProtocol.assignmentHeader)
            ]
        case .abandon(let attempt):
            return [try header(stamp, "abandon", ["attempt": attempt.json])]
        case .acknowledged(let attempt):
            return [try header(stamp, "acknowledged", ["attempt": attempt.json])]
        case .pong(let newest):
            return [try header(stamp, "pong", ["newest": .version(newest)])]
        case .farewell(let farewell):
            return [try header(stamp, "farewell", ["why": .string(farewell.rawValue)])]
        case .status(let bytes):
            try require(bytes, atMost: WireProtocol.largestFrame, field: "status")
            return [try header(stamp, "status", [:]), bytes]
        }
    }

    /// Decodes a coordinator's message, for a worker or for a status request.
    ///
    /// - Throws: `WireError`.
    package static func decodeCoordinatorMessage(
        _ frames: [Frame]
    ) throws -> Envelope<CoordinatorMessage> {
        let header = try Header.read(frames, largest: WireProtocol.assignmentHeader) { kind in
            kind == "assignment" ? WireProtocol.assignmentHeader : WireProtocol.header
        }
        let body = header.body
        if header.kind != "welcome" { try header.require(header.kind == "status" ? 2 : 1, of: frames) }
        let message: CoordinatorMessage
        switch header.kind {
        case "welcome":
            message = .welcome(try Welcome(header: header, frames: frames))
        case "refused":
            message = try ObjectReader.read(body, path: "refused") { fields in
                .refused(
                    Refusal(
                        subject: try fields.choice("subject", Refusal.Subject.self),
                        ours: try fields.string("ours", atMost: WireProtocol.reason),
                        theirs: try fields.string("theirs", atMost: WireProtocol.reason)))
            }
        case "helloFirst":
            message = try ObjectReader.read(body, path: "helloFirst") { _ in .helloFirst }
        case "challenge":
            message = .challenge(
                try ObjectReader.read(body, path: "challenge") { try $0.unsigned("number") })
        case "assignment":
            message = try ObjectReader.read(body, path: "assignment") { fields in
                let attempt = try fields.attempt("attempt")
                let json = try fields.value("assignment")
                do {
                    return .assignment(
                        attempt,
                        try Assignment(json: json, id: attempt.assignment, path: "assignment.assignment"))
                } catch var error as WireError {
                    // The error names the attempt, so that the worker can report that it cannot take it.
                    error.attempt = attempt
                    throw error
                }
            }
        case "abandon":
            message = .abandon(try ObjectReader.read(body, path: "abandon") { try $0.attempt("attempt") })
        case "acknowledged":
            message = .acknowledged(
                try ObjectReader.read(body, path: "acknowledged") { try $0.attempt("attempt") })
        case "pong":
            message = .pong(
                newest: try ObjectReader.read(body, path: "pong") { try $0.optionalVersion("newest") })
        case "farewell":
            message = .farewell(
                try ObjectReader.read(body, path: "farewell") { try $0.choice("why", Farewell.self) })
        case "status":
            try ObjectReader.read(body, path: "status") { _ in }
            try require(frames[1], atMost: WireProtocol.largestFrame, field: "status")
            message = .status(frames[1])
        default:
            throw header.unknownKind()
        }
        return Envelope(stamp: header.stamp, message: message)
    }

    static func require(_ frame: Frame, atMost limit: Int, field: String) throws {
        guard frame.count <= limit else {
            throw WireError(
                .frameSize, field: field, found: "\(frame.count) bytes", wanted: "at most \(limit)")
        }
    }
}
