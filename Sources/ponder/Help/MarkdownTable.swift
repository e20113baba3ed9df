import Primitives

/// A table of a Markdown text, as aligned columns.
struct MarkdownTable {
    private let header: [String]
    private let rows: [[String]]
    private static let gap = "  "

    /// - Parameter lines: the lines of the table; the second one separates the header.
    init(_ lines: [String]) {
        let cells = lines.map(Self.cells)
        header = cells.first ?? []
        rows = Array(cells.dropFirst(2))
    }

    /// The cells of a line; `\|` is a character of a cell.
    private static func cells(_ line: String) -> [String] {
        line.replacing("\\|", with: "\u{0}").split(separator: "|", omittingEmptySubsequences: false)
            .dropFirst().dropLast()
            .map { cell in
                cell.split(separator: " ").joined(separator: " ").replacing("\u{0}", with: "|")
            }
    }

    /// Aligned columns, the last one filled.
    ///
    /// Where the others take more than half of the width, each row is a paragraph.
    func rendered(width: Int) -> [String] {
        let all = [header] + rows
        let columns = header.indices.map { column in
            all.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        let fixed = columns.dropLast().reduce(0) { $0 + $1 + Self.gap.count }
        let last = columns.last ?? 0
        guard fixed + last <= width || fixed <= width / 2 else { return paragraphs(width: width) }
        let ruler = header.map { title in
            String(repeating: "-", count: title.count)
        }
        let shown = header.contains { !$0.isEmpty } ? [header, ruler] + rows : rows
        return shown.flatMap { row in
            let start = zip(row, columns).dropLast().reduce("") { line, cell in
                line + cell.0 + String(repeating: " ", count: max(0, cell.1 - cell.0.count)) + Self.gap
            }
            return (row.last ?? "").wrapped(
                to: width, first: start, hanging: String(repeating: " ", count: fixed)
            ).map { line in
                String(line.reversed().drop { $0 == " " }.reversed())
            }
        }
    }

    private func paragraphs(width: Int) -> [String] {
        rows.flatMap { row in
            (row.first ?? "").wrapped(to: width, hanging: "    ")
                + zip(header, row).dropFirst().flatMap { title, cell in
                    cell.isEmpty
                        ? []
                        : (title.isEmpty || header.count == 2 ? cell : "\(title): \(cell)")
                            .wrapped(to: width, first: "    ", hanging: "    ")
                }
        }
    }
}
