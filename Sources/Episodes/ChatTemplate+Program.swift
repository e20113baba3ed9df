import ExternalPrograms
import Foundation
import Host
import StrictJSON

/// A message of a conversation.
struct ChatMessage: Sendable, Hashable {
    let role: String
    let content: String
}

/// Why a chat template cannot be used, as the end of a sentence, with the remedy.
struct ChatTemplateFailure: Error, Sendable, Hashable {
    let reason: String
}

extension ChatTemplate {
    /// What a template made of a conversation: a text, or what it raised.
    typealias Rendering = Result<String, ChatTemplateFailure>

    /// Longest time that the program may take in all, in seconds: much more than the template's, for a busy machine
    /// starts Python slowly.
    private static let patience = 60.0
    /// Largest output of the program in bytes.
    private static let limit = 4 << 20
    private static let script = "chat_template.py"
    private static let otherwise = "or set prompt.template to plain, r1, chatml or a text with {question}"

    /// Renders conversations with the script that comes with Ponder, in Python's sandbox of jinja2.
    ///
    /// - Parameter seconds: processor time that the templates may take; the program is then killed.
    func render(_ conversations: [[ChatMessage]], seconds: Int = 5) throws(ChatTemplateFailure)
        -> [Rendering]
    {
        guard let folder = SharedFolder.find("scripts", having: Self.script) else {
            throw ChatTemplateFailure(
                reason:
                    "\(Self.script) is in none of \(SharedFolder.places(of: "scripts").joined(separator: ", ")); "
                    + "set PONDER_HOME to an installation made by Scripts/install, \(Self.otherwise)")
        }
        let job = try job(conversations, seconds: seconds)
        defer { try? FileManager.default.removeItem(at: job.deletingLastPathComponent()) }
        let output: Data
        do throws(ProgramOutput.Failure) {
            output = try ProgramOutput.read(
                ["python3", "-B", "\(folder)/\(Self.script)"], input: job.path, limit: Self.limit,
                seconds: Self.patience)
        } catch {
            throw ChatTemplateFailure(reason: Self.reason(error, seconds: seconds))
        }
        return try Self.renderings(output, count: conversations.count)
    }

    /// Writes what the program reads into a file in a folder of its own.
    private func job(_ conversations: [[ChatMessage]], seconds: Int) throws(ChatTemplateFailure) -> URL {
        func object(_ members: [(String, JSONValue)]) -> JSONValue {
            .object(members.map { .init(key: $0.0, value: $0.1) })
        }
        let job = object([
            ("template", .string(program)), ("seconds", .integer(seconds)),
            ("tokens", object(tokens.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            (
                "conversations",
                .array(
                    conversations.map { messages in
                        .array(
                            messages.map {
                                object([("role", .string($0.role)), ("content", .string($0.content))])
                            })
                    })
            ),
        ])
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "ponder-template-\(UUID().uuidString)")
        let file = folder.appending(path: "job.json")
        do {
            try Files().makeDirectory(folder.path)
            try Files().write(Data(job.bytes()), to: file.path)
        } catch {
            throw ChatTemplateFailure(reason: "cannot be rendered: \(error)")
        }
        return file
    }

    private static func renderings(_ output: Data, count: Int) throws(ChatTemplateFailure) -> [Rendering] {
        do {
            var answer = try ObjectReader(JSONField(parsing: output))
            guard try answer.required("jinja2").bool() else {
                throw ChatTemplateFailure(
                    reason:
                        "needs Python's jinja2 to be rendered; install it (Debian: apt-get install python3-jinja2; "
                        + "or pip install jinja2), \(otherwise)")
            }
            let texts = try answer.required("texts").elements()
            guard texts.count == count else { throw ChatTemplateFailure(reason: unreadable) }
            return try texts.map { field in
                var text = try ObjectReader(field)
                if let error = try text.optional("error")?.string() {
                    return .failure(ChatTemplateFailure(reason: "raised an error (\(error)); \(remedy)"))
                }
                return .success(try text.required("text").string())
            }
        } catch let failure as ChatTemplateFailure {
            throw failure
        } catch {
            throw ChatTemplateFailure(reason: unreadable)
        }
    }

    static let remedy = "set prompt.template to plain, r1, chatml or a text with {question}"
    private static let unreadable = "made its program write something else than texts; \(remedy)"

    private static func reason(_ failure: ProgramOutput.Failure, seconds: Int) -> String {
        switch failure {
        case .notFound:
            "needs python3 and its jinja2 to be rendered, and there is no python3 in PATH; install both (Debian: apt-get "
                + "install python3-jinja2), \(otherwise)"
        case .notStarted(let reason): "cannot be rendered, for python3 does not start: \(reason)"
        case .tooLarge(let limit): "wrote more than \(limit) bytes and was stopped; \(remedy)"
        case .timedOut(let seconds):
            "did not end within \(Int(seconds)) seconds and was stopped; \(remedy)"
        // The system ends it so at the limit of its processor time.
        case .failed("signal 9", _), .failed("signal 24", _):
            "took more than \(seconds) seconds of processor time and was stopped; \(remedy)"
        case .failed(let ending, let said):
            "was ended with \(ending)\(said.isEmpty ? "" : " (\(said))"); \(remedy)"
        }
    }
}
