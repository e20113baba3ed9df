/// One checked item and the finding.
package struct Check: Sendable, Encodable {
    package let name: String
    package let ok: Bool
    package let detail: String

    package init(_ name: String, ok: Bool = true, _ detail: String) {
        self.name = name
        self.ok = ok
        self.detail = detail
    }

    /// Makes a check of an operation that throws when the item is broken.
    package init(_ name: String, _ body: () throws -> String) {
        do {
            self.init(name, try body())
        } catch {
            self.init(name, ok: false, "\(error)")
        }
    }

    /// Makes a check of an asynchronous operation.
    package init(_ name: String, _ body: () async throws -> String) async {
        do {
            self.init(name, try await body())
        } catch {
            self.init(name, ok: false, "\(error)")
        }
    }
}

/// What is broken, in one sentence with the remedy.
struct CheckFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
