import StrictJSON

/// `NFC`, or a sequence of it.
struct Normalizer {
    let isNFC: Bool

    init(_ field: JSONField) throws {
        isNFC = try field.object { object in
            try object.type(among: ["NFC", "Sequence"]) == "NFC"
                || object.required("normalizers").elements().map(Normalizer.init).contains(where: \.isNFC)
        }
    }
}

/// `Split`, `Digits`, `ByteLevel`, or a sequence that ends with `ByteLevel`.
struct PreTokenizer {
    let steps: [PreTokenization.Step]
    let isByteLevel: Bool

    init(_ field: JSONField) throws {
        (steps, isByteLevel) = try field.object { object in
            switch try object.type(among: ["Sequence", "ByteLevel", "Split", "Digits"]) {
            case "Sequence":
                let list = try object.required("pretokenizers")
                let parts = try list.elements().map(PreTokenizer.init)
                guard parts.dropLast().allSatisfy({ !$0.isByteLevel }) else {
                    throw TokenizerError.unsupported(
                        place: list.path, value: "a sequence with ByteLevel before its end",
                        remedy: "put ByteLevel last, once")
                }
                return (parts.flatMap(\.steps), parts.last?.isByteLevel ?? false)
            case "ByteLevel":
                let isPrefixed = try object.required("add_prefix_space").bool()
                let isSplit = try object.optional("use_regex")?.bool() ?? true
                object.ignore(["trim_offsets"])
                return ((isPrefixed ? [.prefixSpace] : []) + (isSplit ? [.split(.gpt2)] : []), true)
            case "Digits":
                return ([.digits(individual: try object.required("individual_digits").bool())], false)
            default:
                return ([.split(try Self.pattern(&object))], false)
            }
        }
    }

    /// The expression of a `Split`, which must have a scanner.
    private static func pattern(_ object: inout ObjectReader) throws -> SplitPattern {
        let field = try object.required("pattern")
        let members = try field.members()
        var shown = field.value.text(.sorted)
        var known: SplitPattern?
        if members.count == 1, members[0].key == "Regex", case .string(let text) = members[0].value {
            shown = text
            known = SplitPattern(expression: text)
        }
        guard let known else {
            throw TokenizerError.unsupported(
                place: field.path, value: shown,
                remedy: "only the regular expressions of GPT-2, Qwen2 and Llama 3 can be read")
        }
        // The expressions match every character, so keeping the matches is the same as isolating them.
        let behaviorField = try object.required("behavior")
        let behavior = try behaviorField.string()
        let isInverted = try object.required("invert").bool()
        guard ["Isolated", "Removed"].contains(behavior), (behavior == "Removed") == isInverted else {
            throw TokenizerError.unsupported(
                place: behaviorField.path, value: "'\(behavior)' with invert \(isInverted)",
                remedy: "Isolated without invert, and Removed with it, can be read")
        }
        return known
    }
}

/// The tokens around a text on request: `TemplateProcessing`, or `ByteLevel`, which only moves offsets.
struct PostProcessor {
    let before: [Int32]
    let after: [Int32]

    init(_ field: JSONField) throws {
        (before, after) = try field.object { object in
            switch try object.type(among: ["ByteLevel", "TemplateProcessing", "Sequence"]) {
            case "Sequence":
                let parts = try object.required("processors").elements().map(PostProcessor.init)
                return (parts.reversed().flatMap(\.before), parts.flatMap(\.after))
            case "TemplateProcessing":
                return try Self.template(&object)
            default:
                object.ignore(ByteLevelDecoder.settings)
                return ([], [])
            }
        }
    }

    private static func template(_ object: inout ObjectReader) throws -> ([Int32], [Int32]) {
        let single = try object.required("single")
        let pieces = try single.elements().map(TemplatePiece.init)
        var tokens: [String: [Int32]] = [:]
        let special = try object.required("special_tokens")
        for member in try special.members() {
            var token = try ObjectReader(JSONField(member.value, path: "\(special.path).\(member.key)"))
            tokens[member.key] = try token.required("ids").elements().map { try $0.int32() }
        }
        object.ignore(["pair"])
        guard let place = pieces.firstIndex(of: .text), pieces.lastIndex(of: .text) == place else {
            throw TokenizerError.unsupported(
                place: single.path, value: "a template that does not hold the text once",
                remedy: "it needs Sequence A once")
        }
        func ids(_ pieces: some Sequence<TemplatePiece>) throws -> [Int32] {
            try pieces.flatMap { piece in
                guard case .token(let name) = piece, let ids = tokens[name] else {
                    throw TokenizerError.malformed(
                        place: single.path, reason: "\(piece) is not in special_tokens")
                }
                return ids
            }
        }
        return (try ids(pieces[..<place]), try ids(pieces[(place + 1)...]))
    }
}

private enum TemplatePiece: Hashable {
    case text
    case token(String)

    init(_ field: JSONField) throws {
        func id(_ field: JSONField) throws -> String {
            var object = try ObjectReader(field)
            return try object.required("id").string()
        }
        self = try field.object { object in
            if let token = object.optional("SpecialToken") { return .token(try id(token)) }
            let sequence = try object.required("Sequence")
            guard try id(sequence) == "A" else {
                throw TokenizerError.unsupported(
                    place: sequence.path, value: "'\(try id(sequence))'",
                    remedy: "the template of one text holds Sequence A alone")
            }
            return .text
        }
    }
}

/// `ByteLevel`, alone or followed by `Fuse` in a sequence; `Fuse` joins what is already joined.
enum ByteLevelDecoder {
    /// Settings that change only offsets, which Ponder does not keep.
    static let settings: Set<String> = ["add_prefix_space", "trim_offsets", "use_regex"]

    static func check(_ field: JSONField) throws {
        try field.object { object in
            if try object.type(among: ["ByteLevel", "Sequence"]) == "ByteLevel" {
                return object.ignore(settings)
            }
            let list = try object.required("decoders")
            let types = try list.elements().map { part in
                try part.object { object in
                    object.ignore(settings)
                    return try object.type(among: ["ByteLevel", "Fuse"])
                }
            }
            guard types.first == "ByteLevel", types.dropFirst().allSatisfy({ $0 == "Fuse" }) else {
                throw TokenizerError.unsupported(
                    place: list.path, value: "a sequence that does not begin with its only ByteLevel",
                    remedy: "ByteLevel, with Fuse after it, can be read")
            }
        }
    }
}

extension ObjectReader {
    /// Reads the `type` of a component, which must be one of `types`.
    mutating func type(among types: [String]) throws -> String {
        let field = try required("type")
        let type = try field.string()
        guard types.contains(type) else {
            throw TokenizerError.unsupported(
                place: field.path, value: "'\(type)'", remedy: "known here: \(types.joined(separator: ", "))")
        }
        return type
    }

    /// Throws unless the member is missing, null or one of `values`.
    mutating func mustBe(_ values: [JSONValue], _ key: String, remedy: String) throws {
        guard let field = optional(key), !values.contains(field.value) else { return }
        throw TokenizerError.unsupported(
            place: field.path, value: values.isEmpty ? "set" : field.value.summary, remedy: remedy)
    }
}

extension JSONField {
    func int32() throws(JSONError) -> Int32 { Int32(try integer(in: Int(Int32.min)...Int(Int32.max))) }
}
