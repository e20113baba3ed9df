import Primitives
package import Scheduling

extension Digests {
    /// The digests of the documents that workers receive.
    package init(of documents: RunDocuments) {
        self.init(
            model: ContentHash.text(of: documents.model),
            tokenizer: ContentHash.text(of: documents.tokenizer),
            configuration: ContentHash.text(of: documents.configuration))
    }
}
