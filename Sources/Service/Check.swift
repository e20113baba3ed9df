/// What was looked at and what was found.
package struct Check: Sendable, Encodable {
    package let name: String
    package let ok: Bool
    package let detail: String

    package init(_ name: String, ok: Bool = true, _ detail: String) {
        self.name = name
        self.ok = ok
        self.detail = detail
    }

    /// The check of something that throws when it is broken.
    package init(_ name: String, _ body: () throws -> String) {
        do {
            self.init(name, try body())
        } catch {
            self.init(name, ok: false, "\(error)")
        }
    }

    /// The check of something that takes time.
    package init(_ name: String, _ body: () async throws -> String) async {
        do {
            self.init(name, try await body())
        } catch {
            self.init(name, ok: false, "\(error)")
        }
    }
}

/// What a check found broken, in one sentence with the remedy.
struct CheckFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
