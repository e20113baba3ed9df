import Host
package import Transformers

/// The base model that comes with Ponder: a shared folder, found at run time.
package enum EmbeddedBase {
    /// The folder of the base model.
    ///
    /// - Throws: `ModelError` naming every place that was searched.
    package static func folder() throws(ModelError) -> String {
        if let place = SharedFolder.find("base", having: ModelDirectory.configuration) { return place }
        throw ModelError(
            path: "embedded base",
            "is in none of \(SharedFolder.places(of: "base").joined(separator: ", ")); set PONDER_HOME to an installation made by Scripts/install, "
                + "or name a model folder with --model")
    }
}
