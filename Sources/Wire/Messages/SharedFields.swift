import Primitives
import Reasoning
import Reinforcement
import Scheduling
import StrictJSON

// JSON forms of values that several messages hold.

extension ObjectReader {
    mutating func version(_ key: String) throws -> PolicyVersion {
        PolicyVersion(try integer(key, in: 0...WireProtocol.steps))
    }

    /// Reads a version, or nil for null.
    mutating func optionalVersion(_ key: String) throws -> PolicyVersion? {
        let value = try value(key)
        switch value {
        case .null: return nil
        case .integer(let number) where (0...WireProtocol.steps).contains(number):
            return PolicyVersion(number)
        default:
            throw WireError(
                .wrongType, field: "\(path).\(key)", found: value.summary, wanted: "a version or null")
        }
    }

    mutating func attempt(_ key: String) throws -> AttemptID {
        try AttemptID(json: try value(key), path: "\(path).\(key)")
    }

    mutating func attempts(_ key: String) throws -> [AttemptID] {
        try array(key, atMost: WireProtocol.attempts) { try AttemptID(json: $0, path: $1) }
    }

    mutating func digest(_ key: String) throws -> String {
        let text = try string(key, atMost: 64)
        guard Hexadecimal.isDigest(text) else {
            throw WireError(
                .outOfRange, field: "\(path).\(key)", found: "\"\(text)\"",
                wanted: "a SHA-256 in lowercase hexadecimal")
        }
        return text
    }
}

extension JSONValue {
    static func version(_ version: PolicyVersion?) -> JSONValue {
        version.map { .integer($0.rawValue) } ?? .null
    }

    static func attempts(_ attempts: [AttemptID]) -> JSONValue { .array(attempts.map(\.json)) }

    static func duration(_ duration: Duration) -> JSONValue {
        .integer(duration.microseconds)
    }
}

extension AttemptID {
    var json: JSONValue {
        [
            "step": .integer(assignment.round.step), "purpose": .string(assignment.round.purpose.rawValue),
            "index": .integer(assignment.index), "incarnation": .unsigned(incarnation),
            "number": .integer(number),
        ]
    }

    init(json: JSONValue, path: String) throws {
        self = try ObjectReader.read(json, path: path) { fields in
            AttemptID(
                assignment: AssignmentID(
                    round: RoundID(
                        step: try fields.integer("step", in: 0...WireProtocol.steps),
                        purpose: try fields.choice("purpose", Purpose.self)),
                    index: try fields.integer("index", in: 0...1 << 20)),
                incarnation: try fields.unsigned("incarnation"),
                number: try fields.integer("number", in: 1...1 << 20))
        }
    }
}

extension Assignment {
    /// The assignment without its id, which travels in the attempt's id.
    var json: JSONValue {
        [
            "samples": .integer(samples), "seed": .unsigned(seed), "oldest": .version(oldest),
            "onNewWeights": .string(onNewWeights.rawValue),
            "problems": .array(
                problems.map { assigned in
                    [
                        "index": .integer(assigned.index), "id": .string(assigned.problem.id),
                        "question": .string(assigned.problem.question),
                        "expected": .string(assigned.problem.expected),
                        "difficulty": .integer(assigned.problem.difficulty),
                        "metadata": assigned.problem.metadata.map { .string($0) } ?? .null,
                        "verifier": assigned.problem.verifier.map { .string($0) } ?? .null,
                    ]
                }),
        ]
    }

    init(json: JSONValue, id: AssignmentID, path: String) throws {
        self = try ObjectReader.read(json, path: path) { fields in
            Assignment(
                id: id,
                problems: try fields.array("problems", atMost: WireProtocol.problems) { value, path in
                    try ObjectReader.read(value, path: path) { fields in
                        AssignedProblem(
                            index: try fields.integer("index", in: 0...Int(Int32.max)),
                            problem: Problem(
                                id: try fields.string("id", atMost: Problem.idLimit),
                                question: try fields.string("question", atMost: Problem.textLimit),
                                expected: try fields.string("expected", atMost: Problem.textLimit),
                                difficulty: try fields.integer("difficulty", in: Int.min...Int.max),
                                metadata: try fields.optionalString("metadata", atMost: Problem.textLimit),
                                verifier: try fields.optionalString("verifier", atMost: Problem.idLimit)))
                    }
                },
                samples: try fields.integer("samples", in: 1...WireProtocol.samples),
                seed: try fields.unsigned("seed"),
                oldest: PolicyVersion(try fields.integer("oldest", in: 0...id.round.step)),
                onNewWeights: try fields.choice("onNewWeights", OnNewWeights.self))
        }
    }
}

extension Digests {
    var json: JSONValue {
        ["model": .string(model), "tokenizer": .string(tokenizer), "configuration": .string(configuration)]
    }

    init(json: JSONValue, path: String) throws {
        self = try ObjectReader.read(json, path: path) { fields in
            Digests(
                model: try fields.digest("model"), tokenizer: try fields.digest("tokenizer"),
                configuration: try fields.digest("configuration"))
        }
    }
}

extension WorkerStanding {
    var json: JSONValue {
        ["version": .version(version), "working": .attempts(working), "pending": .attempts(pending)]
    }

    init(json: JSONValue, path: String) throws {
        self = try ObjectReader.read(json, path: path) { fields in
            WorkerStanding(
                version: try fields.optionalVersion("version"), working: try fields.attempts("working"),
                pending: try fields.attempts("pending"))
        }
    }
}
