import StrictJSON
package import Torch
package import Transformers

/// The weights of a model folder: one safetensors file, or several shards that an index lists.
package struct WeightFiles {
    static let index = "model.safetensors.index.json"

    /// The path that errors about all the weights name: the single file, or the index.
    package let path: String
    private let files: [SafetensorsFile]
    /// Index in `files` of the file that holds each tensor.
    private let places: [String: Int]

    package init(_ file: SafetensorsFile) {
        path = file.path
        files = [file]
        places = Dictionary(file.header.entries.map { ($0.name, 0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Opens the files and checks their headers; prefers a single file to shards, as transformers does.
    ///
    /// - Throws: `ModelError`.
    package init(folder: String) throws(ModelError) {
        let single = "\(folder)/\(ModelDirectory.weights)"
        let index = "\(folder)/\(Self.index)"
        if ModelFile.exists(single) || !ModelFile.exists(index) {
            guard ModelFile.exists(single) else { throw Self.nothing(in: folder) }
            self.init(try SafetensorsFile(path: single))
        } else {
            try self.init(index: try ShardIndex(path: index), folder: folder)
        }
    }

    private init(index: ShardIndex, folder: String) throws(ModelError) {
        var files: [SafetensorsFile] = []
        var places: [String: Int] = [:]
        for name in index.shards {
            let shard = "\(folder)/\(name)"
            guard ModelFile.exists(shard) else {
                throw ModelError(
                    path: index.path, "lists \(name), which is not in the folder; copy that file as well")
            }
            let file = try SafetensorsFile(path: shard)
            for entry in file.header.entries {
                guard let home = index.weights[entry.name] else {
                    throw ModelError(
                        path: shard, "has the tensor \(entry.name), which \(Self.index) does not list")
                }
                guard home == name else {
                    throw ModelError(
                        path: shard, "has the tensor \(entry.name), which \(Self.index) says is in \(home)")
                }
                places[entry.name] = files.count
            }
            files.append(file)
        }
        for (tensor, name) in index.weights.sorted(by: { $0.key < $1.key }) where places[tensor] == nil {
            throw ModelError(
                path: "\(folder)/\(name)", "has no tensor \(tensor), which \(Self.index) says is there")
        }
        path = index.path
        self.files = files
        self.places = places
    }

    private static func nothing(in folder: String) -> ModelError {
        let others = ["pytorch_model.bin", "pytorch_model.bin.index.json", "model.gguf"]
        let found = others.first { ModelFile.exists("\(folder)/\($0)") }
        return ModelError(
            path: folder,
            "has neither \(ModelDirectory.weights) nor \(index)"
                + (found.map { "; \($0) is not read: save the model with safetensors" } ?? ""))
    }

    package var names: some Collection<String> { places.keys }

    /// The file that holds a tensor, with the tensor's entry in its header.
    package func entry(_ name: String) -> (path: String, entry: SafetensorsEntry)? {
        guard let place = places[name], let entry = files[place].entry(name) else { return nil }
        return (files[place].path, entry)
    }

    /// The tensor of this name, on the CPU, in the file's type.
    package func tensor(_ name: String) throws -> Tensor {
        guard let place = places[name] else { throw ModelError(path: path, "has no tensor \(name)") }
        return try files[place].tensor(name)
    }
}

/// A `model.safetensors.index.json`, which lists the shard of each tensor.
private struct ShardIndex {
    let path: String
    /// File name by tensor name.
    let weights: [String: String]

    var shards: [String] { Set(weights.values).sorted() }

    init(path: String) throws(ModelError) {
        self.path = path
        let json = try ModelFile.read(path, atMost: 64 << 20)
        do throws(JSONError) {
            var file = try ObjectReader(file: json)
            let map = try file.required("weight_map")
            var weights: [String: String] = [:]
            for member in try map.members() {
                let tensor = JSONField(member.value, path: "weight_map.\(member.key)")
                let name = try tensor.string()
                guard name.hasSuffix(".safetensors"), !name.contains("/"), !name.hasPrefix(".") else {
                    throw tensor.unusable(
                        "is in \(member.value.summary), not in a .safetensors file of this folder")
                }
                weights[member.key] = name
            }
            guard !weights.isEmpty else { throw map.unusable("is empty") }
            self.weights = weights
        } catch {
            throw ModelError(path: path, error)
        }
    }
}
