/// Finds the most likely corrections of a misspelt name.
package enum NearestName {
    /// The most likely name; nil when no name is near enough.
    package static func first(_ name: String, among names: [String]) -> String? {
        find(name, among: names).first
    }

    /// The nearest of `names`, up to three that are equally near; empty when no name is near enough.
    ///
    /// A name in another section is also near: `rate` may mean `learning.rate`. A name is near when the
    /// number of edits is at most a third of the last part's letters, or two if that is more.
    package static func find(_ name: String, among names: [String]) -> [String] {
        let distances = names.map { distance(name, $0) }
        guard let least = distances.min(), least <= max(2, last(name).count / 3) else { return [] }
        return Array(zip(names, distances).filter { $0.1 == least }.map(\.0).prefix(3))
    }

    private static func distance(_ left: String, _ right: String) -> Int {
        min(edits(left, right), edits(last(left), last(right)) + 1)
    }

    private static func last(_ path: String) -> String {
        path.split(separator: ".").last.map(String.init) ?? path
    }

    /// The least number of insertions, deletions, replacements and swaps of neighbours; ignores case.
    private static func edits(_ left: String, _ right: String) -> Int {
        // A longer name is never near. The limit keeps the cost of a hostile file low.
        guard left.utf8.count <= 128, right.utf8.count <= 128 else { return .max / 2 }
        let a = Array(left.lowercased()), b = Array(right.lowercased())
        var rows = Array(repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count { rows[i][0] = i }
        for j in 0...b.count { rows[0][j] = j }
        for i in a.indices {
            for j in b.indices {
                let replace = rows[i][j] + (a[i] == b[j] ? 0 : 1)
                var least = min(replace, rows[i][j + 1] + 1, rows[i + 1][j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    least = min(least, rows[i - 1][j - 1] + 1)
                }
                rows[i + 1][j + 1] = least
            }
        }
        return rows[a.count][b.count]
    }
}
