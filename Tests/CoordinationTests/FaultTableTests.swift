import Foundation
import Testing

/// The table of faults names tests that exist.
@Suite struct FaultTableTests {
    @Test func `every test that the table of faults names exists`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let table = try String(contentsOf: folder.appending(path: "FAULTS.md"), encoding: .utf8)
        let rows = table.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        let named = rows.flatMap { row in
            // The tests are the last column; names stand in backticks.
            let column = row.split(separator: "|").last ?? ""
            return column.split(separator: "`").enumerated().filter { $0.offset % 2 == 1 }.map {
                String($0.element)
            }
        }
        #expect(named.count > 50)
        var sources = ""
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        where path.hasSuffix(".swift") {
            sources += try String(contentsOf: folder.appending(path: path), encoding: .utf8)
        }
        let missing = named.filter { !sources.contains("func `\($0)`") }
        #expect(missing.isEmpty)
    }
}
