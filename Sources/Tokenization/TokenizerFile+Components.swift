/// `NFC`, or a sequence of it.
struct Normalizer: Decodable {
    let isNFC: Bool

    init(from decoder: any Decoder) throws {
        if try StrictObject.type(of: decoder, among: ["NFC", "Sequence"]) == "NFC" {
            _ = try StrictObject(decoder, keys: ["type"])
            isNFC = true
        } else {
            let object = try StrictObject(decoder, keys: ["type", "normalizers"])
            isNFC = try object.required([Normalizer].self, "normalizers").contains(where: \.isNFC)
        }
    }
}

/// `Split`, `Digits`, `ByteLevel`, or a sequence that ends with `ByteLevel`.
struct PreTokenizer: Decodable {
    let steps: [PreTokenization.Step]
    let isByteLevel: Bool

    init(from decoder: any Decoder) throws {
        switch try StrictObject.type(of: decoder, among: ["Sequence", "ByteLevel", "Split", "Digits"]) {
        case "Sequence":
            let object = try StrictObject(decoder, keys: ["type", "pretokenizers"])
            let parts = try object.required([PreTokenizer].self, "pretokenizers")
            guard parts.dropLast().allSatisfy({ !$0.isByteLevel }) else {
                throw TokenizerError.unsupported(
                    place: object.place("pretokenizers"), value: "a sequence with ByteLevel before its end",
                    remedy: "put ByteLevel last, once")
            }
            steps = parts.flatMap(\.steps)
            isByteLevel = parts.last?.isByteLevel ?? false
        case "ByteLevel":
            let object = try StrictObject(
                decoder, keys: ["type", "add_prefix_space", "trim_offsets", "use_regex"])
            let isPrefixed = try object.required(Bool.self, "add_prefix_space")
            let isSplit = try object.optional(Bool.self, "use_regex") ?? true
            steps = (isPrefixed ? [.prefixSpace] : []) + (isSplit ? [.split(.gpt2)] : [])
            isByteLevel = true
        case "Digits":
            let object = try StrictObject(decoder, keys: ["type", "individual_digits"])
            steps = [.digits(individual: try object.required(Bool.self, "individual_digits"))]
            isByteLevel = false
        default:
            steps = [.split(try SplitComponent(from: decoder).pattern)]
            isByteLevel = false
        }
    }
}

/// A `Split` by one of the expressions there are scanners for.
private struct SplitComponent: Decodable {
    let pattern: SplitPattern

    init(from decoder: any Decoder) throws {
        let object = try StrictObject(decoder, keys: ["type", "pattern", "behavior", "invert"])
        let expression = try object.required([String: String].self, "pattern")
        guard let text = expression["Regex"], expression.count == 1,
            let known = SplitPattern(expression: text)
        else {
            throw TokenizerError.unsupported(
                place: object.place("pattern"),
                value: expression.sorted(by: <).map { "\($0.key) '\($0.value)'" }.joined(separator: ", "),
                remedy: "only the regular expressions of GPT-2, Qwen2 and Llama 3 can be read")
        }
        pattern = known
        // The expressions match every character, so keeping what matches is the same as isolating it.
        let behavior = try object.required(String.self, "behavior")
        let isInverted = try object.required(Bool.self, "invert")
        guard ["Isolated", "Removed"].contains(behavior), (behavior == "Removed") == isInverted else {
            throw TokenizerError.unsupported(
                place: object.place("behavior"), value: "'\(behavior)' with invert \(isInverted)",
                remedy: "Isolated without invert, and Removed with it, can be read")
        }
    }
}

/// What goes around a text on request: `TemplateProcessing`; `ByteLevel` moves offsets only, which are not kept here.
struct PostProcessor: Decodable {
    let before: [Int32]
    let after: [Int32]

    init(from decoder: any Decoder) throws {
        switch try StrictObject.type(of: decoder, among: ["ByteLevel", "TemplateProcessing", "Sequence"]) {
        case "Sequence":
            let object = try StrictObject(decoder, keys: ["type", "processors"])
            let parts = try object.required([PostProcessor].self, "processors")
            before = parts.reversed().flatMap(\.before)
            after = parts.flatMap(\.after)
        case "TemplateProcessing":
            let object = try StrictObject(decoder, keys: ["type", "single", "pair", "special_tokens"])
            let pieces = try object.required([TemplatePiece].self, "single")
            let tokens = try object.required([String: TemplateToken].self, "special_tokens")
            guard let place = pieces.firstIndex(of: .text), pieces.lastIndex(of: .text) == place else {
                throw TokenizerError.unsupported(
                    place: object.place("single"), value: "a template that does not hold the text once",
                    remedy: "it needs Sequence A once")
            }
            func ids(_ pieces: some Sequence<TemplatePiece>) throws -> [Int32] {
                try pieces.flatMap { piece in
                    guard case .token(let name) = piece, let token = tokens[name] else {
                        throw TokenizerError.malformed(
                            place: object.place("single"), reason: "\(piece) is not in special_tokens")
                    }
                    return token.ids
                }
            }
            before = try ids(pieces[..<place])
            after = try ids(pieces[(place + 1)...])
        default:
            _ = try ByteLevelDecoder(from: decoder)
            before = []
            after = []
        }
    }
}

private enum TemplatePiece: Decodable, Hashable {
    case text
    case token(String)

    private struct Content: Decodable { let id: String }

    init(from decoder: any Decoder) throws {
        let object = try StrictObject(decoder, keys: ["Sequence", "SpecialToken"])
        if let token = try object.optional(Content.self, "SpecialToken") {
            self = .token(token.id)
            return
        }
        let sequence = try object.required(Content.self, "Sequence").id
        guard sequence == "A" else {
            throw TokenizerError.unsupported(
                place: object.place("Sequence"), value: "'\(sequence)'",
                remedy: "the template of one text holds Sequence A alone")
        }
        self = .text
    }
}

private struct TemplateToken: Decodable {
    let ids: [Int32]
}

/// `ByteLevel`, in a sequence with `Fuse` after it perhaps, which joins what is joined already.
struct ByteLevelDecoder: Decodable {
    init(from decoder: any Decoder) throws {
        if try StrictObject.type(of: decoder, among: ["ByteLevel", "Sequence"]) == "ByteLevel" {
            _ = try StrictObject(decoder, keys: ["type", "add_prefix_space", "trim_offsets", "use_regex"])
            return
        }
        let object = try StrictObject(decoder, keys: ["type", "decoders"])
        let parts = try object.required([DecoderPart].self, "decoders")
        guard parts.first == .byteLevel, parts.dropFirst().allSatisfy({ $0 == .fuse }) else {
            throw TokenizerError.unsupported(
                place: object.place("decoders"),
                value: "a sequence that does not begin with its only ByteLevel",
                remedy: "ByteLevel, with Fuse after it, can be read")
        }
    }
}

private enum DecoderPart: Decodable {
    case byteLevel, fuse

    init(from decoder: any Decoder) throws {
        self =
            try StrictObject.type(of: decoder, among: ["ByteLevel", "Fuse"]) == "Fuse" ? .fuse : .byteLevel
    }
}
