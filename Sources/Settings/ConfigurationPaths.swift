import Foundation

extension RunConfiguration {
    /// Makes every relative path absolute.
    ///
    /// - Parameter folder: the folder from which relative paths count.
    package mutating func makePathsAbsolute(from folder: String) {
        let base = PathBase(folder)
        problems.path = problems.path.map(base.absolute)
        problems.heldOutPath = problems.heldOutPath.map(base.absolute)
        problems.command = base.command(problems.command)
        verifier.command = base.command(verifier.command)
        for (index, reward) in rewards.enumerated() {
            if let command = reward.command { rewards[index].judge = .command(base.command(command)) }
        }
        if policy.model != PolicySettings.embedded { policy.model = base.model(policy.model) }
    }
}

/// The folder from which relative paths count.
struct PathBase {
    private let folder: URL

    init(_ folder: String) { self.folder = URL(filePath: folder, directoryHint: .isDirectory) }

    /// The absolute path; `~/` is the user's home.
    func absolute(_ path: String) -> String {
        let path = path.hasPrefix("~/") ? (path as NSString).expandingTildeInPath : path
        return URL(filePath: path, relativeTo: folder).standardizedFileURL.path
    }

    /// The folder of a model; a name that is no folder here may be that of a model hub, `Qwen/Qwen3-0.6B`.
    func model(_ name: String) -> String {
        let isPath = name.hasPrefix(".") || name.hasPrefix("~/") || name.split(separator: "/").count != 2
        let path = absolute(name)
        return isPath || FileManager.default.fileExists(atPath: path) ? path : name
    }

    /// The program, when it is given by a path, and those arguments that are files: `[python3, verify.py]`, also
    /// with a name behind a colon: `my.py:reward`.
    func command(_ words: [String]) -> [String] {
        words.enumerated().map { place, word in
            if place == 0 { return word.contains("/") ? absolute(word) : word }
            // A bare word is more likely an argument than a file.
            guard !word.hasPrefix("-"), word.contains("/") || word.contains(".") else { return word }
            let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            for (file, rest) in [(word, ""), (String(parts[0]), word.dropFirst(parts[0].count))] {
                let path = absolute(file)
                if !file.isEmpty, FileManager.default.fileExists(atPath: path) { return path + rest }
            }
            return word
        }
    }
}
