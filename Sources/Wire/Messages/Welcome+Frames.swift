import Scheduling
import StrictJSON
import WeightTransfer

// A welcome is one frame, or four with documents: the header, `config.json`, `tokenizer.json`, the run
// configuration.

extension Welcome {
    func json() throws -> JSONValue {
        [
            "digests": digests.json, "documents": .bool(documents != nil), "newest": .version(newest),
            "weights": weights.json,
            "timing": [
                "ping": .duration(timing.ping), "silence": .duration(timing.silence),
                "gone": .duration(timing.gone), "grace": .duration(timing.grace),
            ],
        ]
    }

    func frames() throws -> [Frame] {
        guard let documents else { return [] }
        try Self.check(documents)
        return [documents.model, documents.tokenizer, documents.configuration]
    }

    private static func check(_ documents: RunDocuments) throws {
        try MessageCoder.require(documents.model, atMost: WireProtocol.document, field: "welcome.model")
        try MessageCoder.require(
            documents.tokenizer, atMost: WireProtocol.largestFrame, field: "welcome.tokenizer")
        try MessageCoder.require(
            documents.configuration, atMost: WireProtocol.document, field: "welcome.configuration")
    }

    /// - Throws: `WireError`.
    init(header: Header, frames: [Frame]) throws {
        self = try ObjectReader.read(header.body, path: "welcome") { fields in
            let hasDocuments = try fields.bool("documents")
            try header.require(hasDocuments ? 4 : 1, of: frames)
            let documents =
                hasDocuments
                ? RunDocuments(model: frames[1], tokenizer: frames[2], configuration: frames[3]) : nil
            if let documents { try Self.check(documents) }
            return Welcome(
                digests: try Digests(json: try fields.value("digests"), path: "welcome.digests"),
                documents: documents, newest: try fields.optionalVersion("newest"),
                weights: try WeightsAddress(json: try fields.value("weights"), path: "welcome.weights"),
                timing: try WorkerTiming(json: try fields.value("timing"), path: "welcome.timing"))
        }
    }
}

extension WeightsAddress {
    var json: JSONValue {
        switch self {
        case .port(let port): ["port": .integer(port)]
        case .endpoint(let endpoint): ["endpoint": .string(endpoint)]
        }
    }

    init(json: JSONValue, path: String) throws {
        self = try ObjectReader.read(json, path: path) { fields in
            if fields.has("endpoint") {
                return .endpoint(try fields.string("endpoint", atMost: WireProtocol.name))
            }
            return .port(try fields.integer("port", in: 1...65535))
        }
    }
}

extension WorkerTiming {
    init(json: JSONValue, path: String) throws {
        self = try ObjectReader.read(json, path: path) { fields in
            WorkerTiming(
                ping: try fields.duration("ping"), silence: try fields.duration("silence"),
                gone: try fields.duration("gone"), grace: try fields.duration("grace"))
        }
    }
}
