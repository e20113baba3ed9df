import Foundation
package import ZeroMQ

extension KeyFolder {
    /// A key whose files are in the folder.
    package struct Holding: Sendable {
        package let name: String
        /// Nil when the files cannot be read; then `problem` says why.
        package let key: CurvePublicKey?
        package let hasSecret: Bool
        package let problem: String?
    }

    /// Every key in the folder, by name, with what is wrong with it.
    ///
    /// - Throws: `KeyError` when there is no such folder.
    package func holdings() throws -> [Holding] {
        let files: [String]
        do {
            files = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw KeyError(
                path, "cannot be listed", remedy: "give the folder of the keys with --keys DIR")
        }
        var names: Set<String> = []
        for file in files {
            for ending in [".key", ".pub"] where file.hasSuffix(ending) {
                names.insert(String(file.dropLast(ending.count)))
            }
        }
        return names.sorted().map { name in
            let hasSecret = files.contains("\(name).key")
            do {
                let secret = try pair(name)?.publicKey
                let key = try publicKey(name)
                let fits = secret == nil || secret == key
                return Holding(
                    name: name, key: key, hasSecret: hasSecret,
                    problem: fits ? nil : "\(name).pub is not the public half of \(name).key")
            } catch {
                return Holding(name: name, key: nil, hasSecret: hasSecret, problem: "\(error)")
            }
        }
    }
}
