import Foundation
package import Transformers

/// What a folder is that was named as a model, told by the files in it.
///
/// It knows the kinds of folders that people name by mistake, each with its remedy.
package enum FolderKind {
    /// Files of an adapter as PEFT writes it.
    private static let adapters = ["adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"]

    /// Refuses what is not the folder of a whole model with a fast tokenizer.
    ///
    /// - Throws: `ModelError` that says what the folder is instead, and the remedy.
    static func requireModel(_ path: String) throws(ModelError) {
        func has(_ name: String) -> Bool { ModelFile.exists("\(path)/\(name)") }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw ModelError(
                path: path,
                "is not a folder; a model is a folder with \(ModelDirectory.configuration), "
                    + "\(ModelDirectory.weights) and tokenizer.json"
                    + (HubCache.isID(path) ? "; nothing is downloaded: \(HubCache.remedy(for: path))" : ""))
        }
        if let adapter = adapters.first(where: has) {
            throw ModelError(
                path: "\(path)/\(adapter)",
                has(ModelDirectory.configuration)
                    ? "is an adapter beside a model, and adapters are not read: merge it into the model "
                        + "(PEFT's merge_and_unload, then save_pretrained), or move it away if it is merged already"
                    : "is an adapter without its model, and adapters are not read: merge it into the model "
                        + "(PEFT's merge_and_unload, then save_pretrained) and name that folder")
        }
        if !has(ModelDirectory.configuration), has("snapshots") {
            throw ModelError(path: path, HubCache.adviceForRoot(path))
        }
        try requireFastTokenizer(path)
    }

    /// Refuses a folder with only the files of a slow tokenizer.
    package static func requireFastTokenizer(_ path: String) throws(ModelError) {
        func has(_ name: String) -> Bool { ModelFile.exists("\(path)/\(name)") }
        if !has(CompanionFiles.tokenizer), let slow = ["tokenizer.model", "vocab.json"].first(where: has) {
            throw ModelError(
                path: path,
                "has the slow tokenizer's \(slow) and no tokenizer.json, which is what Ponder reads; write it once with "
                    + "transformers: AutoTokenizer.from_pretrained(\"\(path)\").save_pretrained(\"\(path)\")")
        }
    }
}
