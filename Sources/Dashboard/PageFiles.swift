import FlyingFox
import Foundation

/// The files of the page, read once.
package struct PageFiles: Sendable {
    private let replies: [String: Reply]
    /// Whether the chart library is there; without it the page shows tables and says what to install.
    package let hasCharts: Bool

    /// Where Debian's package `libjs-dygraphs` puts the chart library.
    package static let charts = "/usr/share/javascript/dygraphs"

    private static let own = [
        "index.html": "text/html; charset=utf-8", "dashboard.css": "text/css; charset=utf-8",
        "dashboard.js": "text/javascript; charset=utf-8", "charts.js": "text/javascript; charset=utf-8",
        "page.js": "text/javascript; charset=utf-8", "traces.js": "text/javascript; charset=utf-8",
        "icon.svg": "image/svg+xml",
    ]
    private static let library = [
        "dygraph.min.js": "text/javascript; charset=utf-8", "dygraph.min.css": "text/css; charset=utf-8",
    ]

    /// - Parameters:
    ///   - folder: holds the page itself.
    ///   - charts: holds the chart library.
    /// - Throws: `DashboardError` when a file of the page is missing.
    package init(folder: String, charts: String = PageFiles.charts) throws(DashboardError) {
        var replies: [String: Reply] = [:]
        for (name, type) in Self.own {
            guard let body = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
                throw DashboardError(
                    "\(folder)/\(name), a file of the dashboard, is missing; install Ponder again")
            }
            replies["/" + name] = Reply(type: type, body)
        }
        for (name, type) in Self.library {
            let body = FileManager.default.contents(atPath: "\(charts)/\(name)")
            replies["/" + name] = Reply(
                type: type, body ?? Data("/* libjs-dygraphs is not installed */".utf8),
                body == nil ? [:] : ["Cache-Control": "max-age=86400"])
        }
        hasCharts = FileManager.default.fileExists(atPath: "\(charts)/dygraph.min.js")
        replies["/"] = replies.removeValue(forKey: "/index.html")
        self.replies = replies
    }

    func reply(to path: String) -> Reply? { replies[path] }
}
