import StrictConfiguration

/// The list of generated sources.
///
/// The name of a property is the source's name in `problems.source` and the key of its settings, `problems.bills` for example.
package struct GeneratedSources: ConfigurationSection {
    package var bills = Bills()
    package var sums = Sums()
    package var countdown = Countdowns()
    package var chain = Chains()
    package var sort = Sortings()

    package static let isInline = true

    package init() {}

    package static var names: [String] { GeneratedSources().members.map(\.key) }

    /// The source of that name; nil for a name that is not in the list.
    package subscript(name: String) -> (any ProblemMaker)? {
        members.first { $0.key == name }?.value as? any ProblemMaker
    }
}
