import Foundation
import Host
package import Transformers

/// The base model that comes with Ponder: a folder of resources, found at run time.
///
/// Its folder is looked for at `SharedFiles.places`.
package enum EmbeddedBase {
    /// The folder of the base model.
    ///
    /// - Throws: `ModelError` naming every place that was searched.
    package static func folder() throws(ModelError) -> String {
        let places = SharedFiles.places(of: "base")
        if let place = places.first(where: { FileManager.default.fileExists(atPath: "\($0)/config.json") }) {
            return place
        }
        throw ModelError(
            path: "embedded base",
            "is in none of \(places.joined(separator: ", ")); set PONDER_HOME to an installation made by Scripts/install, "
                + "or name a model folder with --model")
    }
}
