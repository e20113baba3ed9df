package import Foundation

/// The identity of a run (`run.json`), fixed at its first start.
package struct RunIdentity: Sendable, Hashable, Codable {
    /// A random id, which every message of the run carries.
    package let id: String
    /// Time of the run's first start, to the second; for people.
    package let created: Date

    package init(id: String = UUID().uuidString.lowercased(), created: Date) {
        self.id = id
        self.created = created
    }
}
