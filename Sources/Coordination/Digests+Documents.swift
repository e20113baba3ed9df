import Crypto
import Primitives
import Reinforcement
package import Scheduling

extension Digests {
    /// Of the documents that workers are told.
    package init(of documents: RunDocuments) {
        self.init(
            model: SHA256.text(documents.model), tokenizer: SHA256.text(documents.tokenizer),
            configuration: SHA256.text(documents.configuration))
    }
}
