import Foundation

/// A path of this machine as other machines see it.
package enum FarPath {
    /// Folders that every machine has for itself.
    private static let own = ["/tmp", "/var/tmp", "/dev", "/run", "/proc"]
    /// Folders that no container has from its host.
    private static let homes = ["/home", "/root", "/Users"]

    /// Whether a path is below a folder that every machine has for itself.
    package static func isLocal(_ path: String) -> Bool { isBelow(own, path) }

    /// Whether a path is one that a container does not have: relative, of this machine, or of a home.
    package static func isOutsideContainers(_ path: String) -> Bool {
        !path.hasPrefix("/") || isBelow(own + homes, path) || FileManager.default.fileExists(atPath: path)
    }

    private static func isBelow(_ folders: [String], _ path: String) -> Bool {
        let path = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
        return folders.contains { path == $0 || path.hasPrefix("\($0)/") }
    }
}
