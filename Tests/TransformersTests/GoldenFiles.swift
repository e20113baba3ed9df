import Foundation
import ModelFiles
import Torch
import Transformers

/// What transformers and PyTorch computed; `Scripts/peers/golden.py` writes it.
enum GoldenFiles {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Golden")

    static var modelFolder: String { folder.appendingPathComponent("qwen2-tiny").path }

    static func numbers() throws -> SafetensorsFile {
        try SafetensorsFile(path: folder.appendingPathComponent("golden.safetensors").path)
    }

    static func model() throws -> Policy {
        let json = try Data(contentsOf: URL(fileURLWithPath: "\(modelFolder)/config.json"))
        let configuration = try PolicyConfiguration(json: json, path: modelFolder)
        return try Policy(
            configuration, ParameterSource(SafetensorsFile(path: "\(modelFolder)/model.safetensors")))
    }

    static func integers(_ file: SafetensorsFile, _ name: String) throws -> [Int] {
        try file.tensor(name).bytes().withUnsafeBytes { $0.bindMemory(to: Int64.self).map(Int.init) }
    }
}
