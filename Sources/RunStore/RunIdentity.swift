package import Foundation

/// Who a run is (`run.json`), decided once when it starts.
package struct RunIdentity: Sendable, Hashable, Codable {
    /// Random; on every message of the run.
    package let id: String
    /// When it was first started, for people.
    package let created: Date

    package init(id: String = UUID().uuidString.lowercased(), created: Date) {
        self.id = id
        self.created = created
    }

    private enum CodingKeys: CodingKey { case id, created }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        let text = try container.decode(String.self, forKey: .created)
        created = try Date(text, strategy: .iso8601)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(created.formatted(.iso8601), forKey: .created)
    }

    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        return try encoder.encode(self)
    }
}
