package import Foundation

/// The identity of a run (`run.json`), fixed at its first start.
package struct RunIdentity: Sendable, Hashable, Codable {
    /// A random id, which every message of the run carries.
    package let id: String
    /// Time of the run's first start, to the second; for people.
    package let created: Date
    /// Where the run was forked from; nil for a run that began with a base model.
    package let origin: Origin?

    package init(id: String = UUID().uuidString.lowercased(), created: Date, origin: Origin? = nil) {
        self.id = id
        self.created = created
        self.origin = origin
    }

    /// The checkpoint of another run.
    package struct Origin: Sendable, Hashable, Codable {
        /// That run's id.
        package let run: String
        package let step: Int
    }
}
