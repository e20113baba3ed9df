import Foundation
package import Transformers

/// The base model that comes with Ponder: a folder of resources, found at run time.
///
/// Its folder is looked for in `$PONDER_HOME/share`, beside the binary (where a build puts it), and in
/// `../share/ponder` relative to the binary (where `Scripts/install` puts it). SwiftPM's `Bundle.module` is
/// not used, because it ends the process when the binary was copied.
package enum EmbeddedBase {
    /// The possible places of the folder, in the order of the search.
    package static func candidates() -> [String] {
        var places: [String] = []
        if let home = ProcessInfo.processInfo.environment["PONDER_HOME"], !home.isEmpty {
            places += ["\(home)/share/base", "\(home)/share/ponder/base"]
        }
        if let binary = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            let folder = (binary as NSString).deletingLastPathComponent
            places += ["\(folder)/ponder_ponder.resources/base", "\(folder)/base"]
            places.append(
                ((folder as NSString).deletingLastPathComponent as NSString).appendingPathComponent(
                    "share/ponder/base"))
        }
        return places
    }

    /// The folder of the base model.
    ///
    /// - Throws: `ModelError` naming every place that was searched.
    package static func folder() throws(ModelError) -> String {
        let places = candidates()
        if let place = places.first(where: { FileManager.default.fileExists(atPath: "\($0)/config.json") }) {
            return place
        }
        throw ModelError(
            path: "embedded base",
            "is in none of \(places.joined(separator: ", ")); set PONDER_HOME to an installation made by Scripts/install, "
                + "or name a model folder with --model")
    }
}
