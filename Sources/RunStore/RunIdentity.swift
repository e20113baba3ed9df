package import Foundation

/// Who a run is (`run.json`), decided once at its first start.
package struct RunIdentity: Sendable, Hashable, Codable {
    /// Random; every message of the run carries it.
    package let id: String
    /// When the run was first started, to the second; for people.
    package let created: Date

    package init(id: String = UUID().uuidString.lowercased(), created: Date) {
        self.id = id
        self.created = created
    }
}
