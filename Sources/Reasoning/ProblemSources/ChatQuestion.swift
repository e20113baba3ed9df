import StrictJSON

/// The question in a list of chat messages: the text of the last one whose role is `user`.
///
///     [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "6*7=?"}]   →   6*7=?
///
/// The other messages are left out, because `prompt.template` writes what stands around a question.
struct ChatQuestion {
    let text: String
    /// Whether messages were left out that the model would have read before the question.
    let hasContext: Bool

    private static let users: Set<String> = ["user", "human"]

    init(_ field: JSONField) throws(JSONError) {
        var found: (text: String, place: Int)?
        for (place, element) in try field.elements().enumerated() {
            var message = try ObjectReader(element)
            // ShareGPT writes `from` and `value`.
            let isShared = !message.has("role") && message.has("from")
            let role = try message.required(isShared ? "from" : "role").string()
            guard Self.users.contains(role) else { continue }
            found = (try Self.content(try message.required(isShared ? "value" : "content")), place)
        }
        guard let found else {
            throw field.unusable("has no message whose role is user; the last of these is the question")
        }
        text = found.text
        hasContext = found.place > 0
    }

    /// A text, or a list of parts that are all texts.
    private static func content(_ field: JSONField) throws(JSONError) -> String {
        guard case .array = field.value else { return try field.string() }
        var text = ""
        for element in try field.elements() {
            var part = try ObjectReader(element)
            let kind = try part.required("type")
            guard try kind.string() == "text" else {
                throw kind.error(.outOfRange, wanted: "text; the model reads nothing else")
            }
            text += try part.required("text").string()
        }
        return text
    }
}
