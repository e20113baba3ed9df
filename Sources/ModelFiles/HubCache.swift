import Foundation
package import Transformers

/// The cache of the Hugging Face hub on this machine; nothing is downloaded.
///
///     hub/models--Qwen--Qwen2.5-0.5B/refs/main                    a commit
///     hub/models--Qwen--Qwen2.5-0.5B/snapshots/<commit>/…         its files, as links
package enum HubCache {
    /// The folder of a model that is named by a path or by an id of the hub, such as `Qwen/Qwen2.5-0.5B`.
    ///
    /// A folder at that path comes first.
    ///
    /// - Throws: `ModelError` for an id whose model is not in the cache.
    package static func folder(
        of model: String, _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ModelError) -> String {
        guard isID(model), !FileManager.default.fileExists(atPath: model) else { return model }
        let cache = place(environment)
        let root = "\(cache)/models--\(model.replacing("/", with: "--"))"
        guard let snapshot = snapshot(in: root) else {
            throw ModelError(
                path: model,
                "is not a folder, and not in the Hugging Face cache (\(cache)); nothing is downloaded: "
                    + remedy(for: model))
        }
        return snapshot
    }

    /// Whether a text is written as an id of the hub: owner and name.
    package static func isID(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                part.count <= 96 && part.first.map { $0.isLetter || $0.isNumber } ?? false
                    && part.utf8.allSatisfy {
                        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                            || "._-".utf8.contains($0)
                    }
            }
    }

    static func remedy(for id: String) -> String {
        "fetch it with `hf download \(id)`, or into a folder of its own with `hf download \(id) --local-dir DIR` "
            + "and name DIR"
    }

    /// What to do with the root of a model's cache entry.
    static func adviceForRoot(_ root: String) -> String {
        "is the root of an entry of the Hugging Face cache; "
            + (snapshot(in: root).map { "name its snapshot: \($0)" }
                ?? "it has no snapshot of refs/main: fetch the model again with `hf download`")
    }

    /// `HF_HUB_CACHE`, `HF_HOME/hub`, or `~/.cache/huggingface/hub`, as huggingface_hub has it.
    private static func place(_ environment: [String: String]) -> String {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let home = variable("HOME") ?? NSHomeDirectory()
        func expanded(_ path: String) -> String {
            path == "~" || path.hasPrefix("~/") ? home + path.dropFirst() : path
        }
        if let cache = variable("HF_HUB_CACHE") ?? variable("HUGGINGFACE_HUB_CACHE") {
            return expanded(cache)
        }
        let base = variable("HF_HOME") ?? "\(variable("XDG_CACHE_HOME") ?? "\(home)/.cache")/huggingface"
        return "\(expanded(base))/hub"
    }

    /// The snapshot that `refs/main` names; without it, the only snapshot that is there.
    private static func snapshot(in root: String) -> String? {
        let files = FileManager.default
        let main = files.contents(atPath: "\(root)/refs/main").map { String(decoding: $0, as: UTF8.self) }
        let names =
            main.map { [$0.trimmingCharacters(in: .whitespacesAndNewlines)] }
            ?? (try? files.contentsOfDirectory(atPath: "\(root)/snapshots")) ?? []
        guard names.count == 1, let name = names.first, !name.isEmpty, !name.contains("/"), name != ".."
        else {
            return nil
        }
        let snapshot = "\(root)/snapshots/\(name)"
        return files.fileExists(atPath: "\(snapshot)/\(ModelDirectory.configuration)") ? snapshot : nil
    }
}
